package dev.coracle.pod;

import dev.coracle.planner.CgroupLayout;
import dev.coracle.planner.Group;
import dev.coracle.stats.GroupFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the files of control groups are that count what is used. */
final class CgroupFiles {
    private static final List<String> COUNTED =
            List.of("cpu", "cpuacct", "cpuset", "memory", "pids", "blkio", "hugetlb");

    private CgroupFiles() {}

    /** Where the figures of a group are. */
    static GroupFiles figures(Group group) {
        @Nullable Path unified = group.unified().map(Path::of).orElse(null);
        if (group.layout() instanceof CgroupLayout.V2 && unified != null) {
            return new GroupFiles.V2(unified);
        }
        Map<String, Path> directories = new LinkedHashMap<>();
        for (String controller : COUNTED) {
            group.directory(controller).ifPresent(directory -> directories.put(controller, Path.of(directory)));
        }
        return new GroupFiles.V1(directories, unified);
    }
}
