package dev.coracle.stats;

/** What is counted of a group, under one name for both versions of control groups. Times are ns, sizes bytes, the rest numbers. */
public enum Figure {
    CPU_USAGE,
    CPU_USER,
    CPU_SYSTEM,
    CPU_PERIODS,
    CPU_THROTTLED_PERIODS,
    CPU_THROTTLED_TIME,
    CPU_BURST_PERIODS,
    CPU_BURST_TIME,

    MEMORY_USAGE,
    MEMORY_MAX_USAGE,
    MEMORY_WORKING_SET,
    MEMORY_CACHE,
    MEMORY_RSS,
    MEMORY_KERNEL,
    MEMORY_MAPPED_FILE,
    MEMORY_SWAP,
    MEMORY_ACTIVE_FILE,
    MEMORY_INACTIVE_FILE,
    MEMORY_FILE_DIRTY,
    MEMORY_FILE_WRITEBACK,
    MEMORY_LIMIT_HITS,
    MEMORY_HIGH_EVENTS,
    MEMORY_MAX_EVENTS,
    MEMORY_PAGES_SCANNED,
    MEMORY_PAGES_STOLEN,
    MEMORY_REFAULTS_FILE,
    MEMORY_REFAULTS_ANON,
    MEMORY_PAGE_FAULTS,
    MEMORY_MAJOR_PAGE_FAULTS,
    /** The same without groups below, where the kernel tells them apart (version 1). */
    MEMORY_OWN_PAGE_FAULTS,
    MEMORY_OWN_MAJOR_PAGE_FAULTS,
    MEMORY_OOM_KILLS,
    /** 1 where pages move to the memory nodes that the group is given later (version 1). */
    MEMORY_MIGRATE,

    THREADS,
    /** Absent without a limit, as are all limits. */
    THREADS_MAX,

    LIMIT_CPU_PERIOD,
    LIMIT_CPU_QUOTA,
    LIMIT_CPU_SHARES,
    LIMIT_MEMORY,
    LIMIT_MEMORY_SOFT,
    LIMIT_MEMORY_SWAP
}
