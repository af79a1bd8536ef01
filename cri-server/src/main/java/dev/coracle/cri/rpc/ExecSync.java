package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ExecSyncRequest;

/** Runs a command in a container and answers with what it printed. Ends with its client. */
public final class ExecSync {
    private final Pods pods;

    public ExecSync(Pods pods) {
        this.pods = pods;
    }

    public EncodedAnswer handle(ExecSyncRequest request, Cancellation cancellation) {
        return CriOut.executed(pods.execSync(
                CriIn.containerId(request.getContainerId()),
                CriIn.command(request.getCmdList()),
                CriIn.seconds(request.getTimeout()),
                cancellation));
    }
}
