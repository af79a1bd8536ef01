package dev.coracle.planner;

import java.util.ArrayList;
import java.util.List;

/** System calls by what they let a container do. A name that an architecture lacks does no harm. */
final class SyscallNames {
    private static final String FILES = """
        access faccessat faccessat2 cachestat chdir fchdir chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32
        fchownat lchown lchown32 close close_range copy_file_range creat dup dup2 dup3 fadvise64 fadvise64_64 fallocate fcntl
        fcntl64 fdatasync fsync file_getattr flock fstat fstat64 fstatat64 newfstatat stat stat64 lstat lstat64 statx fstatfs
        fstatfs64 statfs statfs64 ftruncate ftruncate64 truncate truncate64 getcwd getdents getdents64 ioctl link linkat
        lseek _llseek mkdir mkdirat mknod mknodat name_to_handle_at open openat openat2 pipe pipe2 read readv pread64 preadv
        preadv2 readahead readlink readlinkat rename renameat renameat2 rmdir sendfile sendfile64 splice symlink symlinkat
        sync sync_file_range syncfs tee umask unlink unlinkat utime utimensat utimensat_time64 utimes futimesat vmsplice
        write writev pwrite64 pwritev pwritev2
        """;

    private static final String ATTRIBUTES = """
        getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat removexattr lremovexattr
        fremovexattr removexattrat setxattr lsetxattr fsetxattr setxattrat
        """;

    private static final String WAITING = """
        epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
        eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy
        io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit poll ppoll ppoll_time64 select _newselect pselect6
        pselect6_time64 signalfd signalfd4 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
        timerfd_settime64
        """;

    private static final String MEMORY = """
        brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect
        mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages
        """;

    private static final String PROCESSES = """
        execve execveat exit exit_group fork vfork wait4 waitid waitpid kill tkill tgkill pause pidfd_open pidfd_send_signal
        getpid getppid gettid getpgid getpgrp setpgid getsid setsid getpriority setpriority getrlimit ugetrlimit setrlimit
        prlimit64 getrusage times ioprio_get ioprio_set prctl seccomp capget capset get_robust_list set_robust_list
        get_thread_area set_thread_area set_tid_address rseq restart_syscall process_vm_readv process_vm_writev ptrace
        landlock_add_rule landlock_create_ruleset landlock_restrict_self lsm_get_self_attr lsm_list_modules
        lsm_set_self_attr uretprobe
        """;

    private static final String SCHEDULING = """
        futex futex_time64 futex_requeue futex_wait futex_waitv futex_wake getcpu sched_getaffinity sched_setaffinity
        sched_getattr sched_setattr sched_getparam sched_setparam sched_getscheduler sched_setscheduler
        sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64 sched_yield
        """;

    private static final String SIGNALS = """
        rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
        rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaction sigaltstack signal sigpending sigprocmask sigreturn sigsuspend
        """;

    private static final String IDENTITIES = """
        getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
        getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
        setresgid setresgid32 setgroups setgroups32 setfsuid setfsuid32 setfsgid setfsgid32
        """;

    private static final String SOCKETS = """
        accept accept4 bind connect getpeername getsockname getsockopt setsockopt listen recv recvfrom recvmmsg
        recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto shutdown socketcall socketpair
        """;

    private static final String MESSAGES = """
        ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
        msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
        """;

    /** Reading clocks and mounts; setting a clock by adjtimex is refused by the kernel without CAP_SYS_TIME. */
    private static final String TIME_AND_SYSTEM = """
        adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
        clock_nanosleep clock_nanosleep_time64 getitimer setitimer gettimeofday nanosleep time timer_create timer_delete
        timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 getrandom listmount statmount sysinfo
        uname
        """;

    /** Allowed to every container. */
    static final List<String> HARMLESS = words(
            FILES,
            ATTRIBUTES,
            WAITING,
            MEMORY,
            PROCESSES,
            SCHEDULING,
            SIGNALS,
            IDENTITIES,
            SOCKETS,
            MESSAGES,
            TIME_AND_SYSTEM);

    /** Allowed with CAP_SYS_ADMIN. */
    static final List<String> ADMINISTRATION = words("""
        bpf fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree
        open_tree_attr perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
        """);

    /** Known, and refused to every container: kernel keys, other programs' memory, what is long gone, and io_uring's record. */
    static final List<String> NEVER = words("""
        _sysctl add_key afs_syscall create_module get_kernel_syms getpmsg io_uring_enter io_uring_register io_uring_setup
        kexec_file_load kexec_load keyctl migrate_pages move_pages nfsservctl pivot_root putpmsg query_module request_key
        security swapoff swapon sysfs tuxcall uselib userfaultfd ustat vm86 vm86old vserver
        """);

    private SyscallNames() {}

    static List<String> only(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> List.of("arch_prctl", "modify_ldt");
            case AARCH64 ->
                words("arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2");
        };
    }

    private static List<String> words(String... texts) {
        List<String> all = new ArrayList<>();
        for (String text : texts) {
            all.addAll(List.of(text.strip().split("\\s+")));
        }
        return List.copyOf(all);
    }
}
