package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.PullImageResponse;
import io.grpc.MethodDescriptor;
import java.net.URI;

/**
 * What Coracle's own command line asks beyond the contract, with messages of the contract, in a service of its own. No client of CRI
 * calls it, and nothing that the author of a pod can write leads here.
 */
public final class OwnCalls {
    static final String SERVICE_NAME = "coracle.v1.Images";

    /** PullImage from where {@link #FROM} says, in place of the image's registry. */
    static final MethodDescriptor<PullImageRequest, PullImageResponse> PULL_FROM =
            ImageServiceGrpc.getPullImageMethod().toBuilder()
                    .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE_NAME, "PullFrom"))
                    .build();

    /** The annotation of the image that holds the address of a registry on this machine, by plain http, on the loopback only. */
    static final String FROM = "coracle.dev/from";

    private OwnCalls() {}

    /**
     * Where to pull from.
     *
     * @throws InvalidSpec if it is not on this machine
     */
    public static URI from(PullImageRequest request) {
        String address = request.getImage().getAnnotationsOrDefault(FROM, "");
        try {
            URI from = URI.create(address);
            if ("http".equals(from.getScheme()) && "127.0.0.1".equals(from.getHost()) && from.getPort() > 0) {
                return from;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new InvalidSpec("image.annotations[" + FROM + "]", "not http://127.0.0.1:PORT/…: \"" + address + "\"");
    }
}
