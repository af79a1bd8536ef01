package dev.coracle.stats;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes of a group and of those below it, as one of its hierarchies lists them. */
final class GroupProcesses {
    private final List<Integer> pids = new ArrayList<>();

    private GroupProcesses() {}

    /** Pids; none of a group that is gone. */
    static List<Integer> of(Path group) {
        GroupProcesses processes = new GroupProcesses();
        processes.add(group);
        return processes.pids;
    }

    private void add(Path group) {
        try {
            for (String line :
                    new FigureFile.In(group).require("cgroup.procs").text().split("\n", -1)) {
                FigureFile.number(line).ifPresent(pid -> pids.add((int) pid));
            }
        } catch (IOException e) {
            return; // gone, or it has only threads of processes that are counted elsewhere
        }
        addBelow(group);
    }

    private void addBelow(Path group) {
        try {
            // A directory has a link from each one in it: most groups need not be looked through.
            boolean leaf = (int) Files.getAttribute(group, "unix:nlink") <= 2;
            if (!leaf) {
                try (DirectoryStream<Path> below =
                        Files.newDirectoryStream(group, file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))) {
                    below.forEach(this::add);
                }
            }
        } catch (IOException e) {
            return; // gone meanwhile
        }
    }
}
