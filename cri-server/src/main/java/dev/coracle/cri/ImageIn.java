package dev.coracle.cri;

import dev.coracle.image.Credentials;
import dev.coracle.proto.v1.AuthConfig;
import dev.coracle.proto.v1.ImageSpec;

/** Reads what image calls name. */
final class ImageIn {
    private ImageIn() {}

    /** A name as users write it, or an id. */
    static String name(ImageSpec image) {
        return FieldPath.of("image").dot("image").required(image.getImage());
    }

    static Credentials credentials(AuthConfig auth) {
        FieldPath at = FieldPath.of("auth");
        return Credentials.of(
                new Credentials(
                        at.dot("username").text(auth.getUsername()),
                        auth.getPassword(),
                        auth.getIdentityToken(),
                        auth.getRegistryToken(),
                        at.dot("server_address").text(auth.getServerAddress())),
                auth.getAuth());
    }
}
