package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.ImageVolumeFailed;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Op;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.TreeFlag;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The files of an image as a read-only mount: its only layer itself, or an overlay without a writable one. Ops for whoever makes it.
 *
 * @param labels of the container: with SELinux it is always an overlay, as the layer's own files have no label of a container's
 * @param made the slot that the mount will be in
 * @param attributes beside read-only
 */
record ImageVolumeSteps(VolumeLayers layers, Host host, SelinuxLabels labels, Set<MountAttr> attributes, Slot made) {
    /** fsconfig takes a value of 255 bytes and its end. */
    private static final int MAX_VALUE = 255;

    ImageVolumeSteps {
        layers = labels.files().isEmpty() ? layers : layers.stackable();
    }

    /** With the layers as they are, by a process that sees the host's files. */
    List<Op> plain() {
        if (layers.names().size() == 1) {
            return only(Slot.NONE);
        }
        List<Op> ops = new ArrayList<>();
        if (!host.lowerdirPlus()) {
            ops.add(new MountOp.Chdir(layers.directory()));
        }
        ops.add(overlay(layers.names(), name -> layers.directory() + "/" + name));
        return ops;
    }

    /** The same with ids mapped, first part: on the host side. */
    List<Op> openMapped(Slot user) {
        if (layers.names().size() == 1) {
            return only(user);
        }
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < layers.names().size(); i++) {
            ops.addAll(open(layers.names().get(i), view(i), Set.of(MountAttr.RO), user));
        }
        return ops;
    }

    /**
     * Second part: by a process that is in the directory {@code stage}, which is attached. Kernels before 6.15 make overlays of
     * idmapped layers only where these are attached.
     */
    List<Op> stackMapped(Slot stage) {
        List<Op> ops = new ArrayList<>();
        if (layers.names().size() > 1) {
            ops.add(new FileOp.Mkdir(stage, made.name(), 0700));
            for (int i = 0; i < layers.names().size(); i++) {
                ops.add(new FileOp.Mkdir(stage, inStage(i), 0700));
                ops.add(new MountOp.MoveMount(view(i), stage, inStage(i)));
            }
            List<String> names = IntStream.range(0, layers.names().size())
                    .mapToObj(this::inStage)
                    .toList();
            ops.add(overlay(names, name -> name));
        }
        return ops;
    }

    private String inStage(int layer) {
        return made.name() + "/" + layer;
    }

    private Slot view(int layer) {
        return new Slot(made.name() + "l" + layer);
    }

    private List<Op> only(Slot user) {
        return open(layers.names().getFirst(), made, readonly(), user);
    }

    private List<Op> open(String name, Slot opened, Set<MountAttr> set, Slot user) {
        return List.of(
                new MountOp.OpenTree(Slot.NONE, layers.directory() + "/" + name, Set.of(TreeFlag.CLONE), opened),
                new MountOp.MountSetattr(opened, MountDepth.SINGLE, set, Set.of(), PropagationType.PRIVATE, user));
    }

    private Set<MountAttr> readonly() {
        EnumSet<MountAttr> all = EnumSet.of(MountAttr.RO);
        all.addAll(attributes);
        return all;
    }

    private Op overlay(List<String> names, Function<String, String> whole) {
        if (host.lowerdirPlus()) {
            return fsmount(
                    names.stream().map(name -> "lowerdir+=" + whole.apply(name)).toList());
        }
        String lower = String.join(":", names);
        if (lower.length() > MAX_VALUE) {
            throw new ImageVolumeFailed(
                    "mount image of " + names.size() + " layers",
                    "this kernel takes " + MAX_VALUE + " bytes of their names, and they are " + lower.length());
        }
        return fsmount(List.of("lowerdir=" + lower));
    }

    private Op fsmount(List<String> lower) {
        return new MountOp.Fsmount("overlay", labels.with(lower), readonly(), made);
    }
}
