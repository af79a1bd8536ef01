package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.StreamUrls;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ExecRequest;
import dev.coracle.proto.v1.ExecResponse;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.StreamSpec;
import java.util.List;

/** Gives an address at which a client runs a command in a container and has its streams. */
public final class Exec {
    private final Pods pods;
    private final StreamUrls urls;

    public Exec(Pods pods, StreamUrls urls) {
        this.pods = pods;
        this.urls = urls;
    }

    public ExecResponse handle(ExecRequest request) {
        StreamSpec.Streams streams = CriIn.streams(request);
        List<String> command = CriIn.command(request.getCmdList());
        ContainerId id = pods.runningContainer(CriIn.containerId(request.getContainerId()));
        String url = urls.of(new StreamSpec.Exec(id, command, streams));
        return ExecResponse.newBuilder().setUrl(url).build();
    }
}
