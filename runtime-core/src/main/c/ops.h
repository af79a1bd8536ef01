/* Every operation: its number on the wire, its name, where it may stand (s: host side, c: a child, *: both), and its
 * form, which drives decoding and printing; docs/plan-format.md says the same in words. Function op_NAME carries it
 * out.
 *
 * Letters of a form: d slot or "-" · i slot · p process · o slot that is filled · k name of a kept slot · s string ·
 * b bytes · x bytes printed as length and checksum · n decimal · m octal · h hexadecimal · l list of strings ·
 * capital letters: keywords, see words.c. */
#ifndef CORACLE_OPS_H
#define CORACLE_OPS_H
/* clang-format off */
#define OPS(ROW) \
    ROW( 1, mkdir, '*', "%d %s %m") \
    ROW( 2, mkdirs, '*', "%i %s %m -> %o") \
    ROW( 3, mkfile, '*', "%i %s %m -> %o") \
    ROW( 4, open, '*', "%d %s %F %m -> %o") \
    ROW( 5, openat2, '*', "%i %s %F -> %o") \
    ROW( 6, mknod, '*', "%d %s %N %m %n:%n") \
    ROW( 7, symlink, '*', "%s %d %s") \
    ROW( 8, write, '*', "%d %s %b") \
    ROW( 9, read, 's', "%i %n as %s") \
    ROW(10, stat, 's', "%i as %s") \
    ROW(11, unlink, '*', "%d %s %E") \
    ROW(12, fchown, '*', "%i %n %n") \
    ROW(13, fchmod, '*', "%i %m") \
    ROW(14, close, '*', "%i") \
    ROW(15, drop, 's', "%k") \
    ROW(16, dup, '*', "%i -> %o") \
    ROW(20, open_tree, '*', "%d %s %T -> %o") \
    ROW(21, mount_setattr, '*', "%i %D set=%A clear=%A propagation=%P idmap=%d") \
    ROW(22, move_mount, '*', "%i onto %d %s") \
    ROW(23, fsmount, '*', "%s %l %A -> %o") \
    ROW(24, mount, '*', "%s %s %s %M %s") \
    ROW(25, umount, '*', "%s %U") \
    ROW(26, pivot_root, 'c', "") \
    ROW(27, chdir, '*', "%s") \
    ROW(28, fchdir, '*', "%i") \
    ROW(29, mask, 'c', "%i %s %i") \
    ROW(30, readonly, 'c', "%i %s") \
    ROW(40, clone3, '*', "%C cgroup=%d as %K %s -> %o") \
    ROW(41, stop, 'c', "") \
    ROW(42, await, 's', "%p") \
    ROW(43, resume, 's', "%p") \
    ROW(44, join, 's', "%p") \
    ROW(45, unshare, '*', "%S") \
    ROW(46, setns, '*', "%i %S") \
    ROW(47, open_ns, 's', "%p %S -> %o") \
    ROW(48, open_proc, 's', "%p -> %o") \
    ROW(49, link_up, '*', "%s") \
    ROW(50, sethostname, 'c', "%s") \
    ROW(51, setsid, 'c', "") \
    ROW(52, setctty, 'c', "") \
    ROW(53, dup2, 'c', "%i %n") \
    ROW(54, setrlimit, '*', "%L %n %n") \
    ROW(55, umask, '*', "%m") \
    ROW(56, pdeathsig, 'c', "%n") \
    ROW(57, close_range, 'c', "%n") \
    ROW(58, execve, 'c', "%l argv=%l env=%l") \
    ROW(59, reap, 'c', "") \
    ROW(70, setgroups, '*', "%l") \
    ROW(71, setresgid, '*', "%n") \
    ROW(72, setresuid, '*', "%n") \
    ROW(73, keepcaps, '*', "") \
    ROW(74, capbset, '*', "%h") \
    ROW(75, capset, '*', "%h %h %h") \
    ROW(76, capambient, '*', "%h") \
    ROW(77, no_new_privs, '*', "") \
    ROW(78, seccomp, '*', "%Q %x") \
    ROW(80, pipe, '*', "-> %o %o") \
    ROW(81, pty, '*', "%i -> %o %o") \
    ROW(82, give, '*', "%s %R %i") \
    ROW(83, log, 's', "%s %s") \
    ROW(90, kill_all, 's', "%l deadline=%n") \
    ROW(91, remove_group, 's', "%s deadline=%n") \
    ROW(92, cpuset_inherit, 's', "%s") \
    ROW(93, device_filter, 's', "%i %x") \
    ROW(95, run, 's', "%l env=%l stdin=%b limit=%n deadline=%n as %s") \
    ROW(96, hook, 's', "%p %S %l env=%l state=%x deadline=%n")
/* clang-format on */
#endif
