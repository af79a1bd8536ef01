package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import java.security.SecureRandom;
import java.util.HexFormat;

/** New ids: 256 random bits, so that nobody can guess one and no two are ever the same. */
final class Ids {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    static PodId pod() {
        return new PodId(hex());
    }

    static ContainerId container() {
        return new ContainerId(hex());
    }

    private static String hex() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
