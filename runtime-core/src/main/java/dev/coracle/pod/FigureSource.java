package dev.coracle.pod;

import dev.coracle.linux.FileSystemStat;
import dev.coracle.linux.MountTable;
import dev.coracle.linux.SyscallException;
import dev.coracle.planner.Group;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.stats.FileSystemUsage;
import dev.coracle.stats.GroupFiles;
import dev.coracle.stats.GroupReader;
import dev.coracle.stats.NetworkFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers everything that is counted of pods, for one answer: what is the same for all of them is looked up once. Confined to that
 * answer's thread.
 */
final class FigureSource {
    private static final Logger LOG = LoggerFactory.getLogger(FigureSource.class);

    private final Node node;
    private final Plans plans;
    private final LayerUsage layers;
    private final LayerUsage.Patience patience;
    private final Map<PodId, NetworkFigures> networks;
    private final FileSystemUsage fileSystem;

    FigureSource(Site site, LayerUsage layers, Map<PodId, NetworkFigures> networks) {
        this.node = site.node();
        this.plans = site.plans();
        this.layers = layers;
        this.patience = layers.patience();
        this.networks = networks;
        this.fileSystem = fileSystem(node.paths().state());
    }

    private static FileSystemUsage fileSystem(Path directory) {
        try {
            FileSystemStat stat = FileSystemStat.of(directory);
            String device = MountTable.read().holding(directory.toRealPath()).source();
            return new FileSystemUsage(device, stat.blocks() * stat.blockSize(), stat.inodes(), stat.freeInodes());
        } catch (SyscallException e) {
            LOG.warn("look at the file system of {}: {}", directory, e.getMessage());
        } catch (IOException e) {
            LOG.warn("look for the device of {}: {}", directory, e.getMessage());
        }
        return new FileSystemUsage("", 0, 0, 0);
    }

    /** Throws NotFound when the pod ends meanwhile. */
    PodFigures of(View view) {
        PodRecord pod = view.pod();
        Group group = plans.group(pod);
        return new PodFigures(
                pod,
                group.path(),
                GroupReader.figures(
                        pod.id().value(),
                        CgroupFiles.figures(group),
                        node.host().hugepageSizes()),
                networks.getOrDefault(pod.id(), NetworkFigures.NONE),
                view.containers().stream()
                        .filter(NodeUsages::runs)
                        .flatMap(container -> NodeUsages.unlessGone(() -> of(pod, container)))
                        .toList());
    }

    private ContainerFigures of(PodRecord pod, ContainerRecord container) {
        Group group = plans.group(pod, container);
        GroupFiles files = CgroupFiles.figures(group);
        return new ContainerFigures(
                container,
                NodeUsages.startedAt(container),
                group.path(),
                GroupReader.figures(container.id().value(), files, node.host().hugepageSizes()),
                GroupReader.processUsage(files),
                layers.of(container.id(), patience),
                fileSystem);
    }
}
