package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.Signal;
import java.util.List;

/**
 * The configuration blob of an image (OCI image configuration; docker's has the same fields).
 *
 * @param platform what it says it was built for; os and architecture may be empty
 * @param diffIds digests of the layers' uncompressed tar streams, from the lowest up
 */
record ConfigFile(Platform platform, ImageConfig config, List<Digest> diffIds) {
    ConfigFile {
        diffIds = List.copyOf(diffIds);
    }

    /** @throws InvalidSpec if it is not the configuration of an image */
    static ConfigFile parse(byte[] document) {
        try {
            JsonTree root = JsonTree.parse(document);
            Platform platform = new Platform(root.text("os"), root.text("architecture"), root.text("variant"));
            List<Digest> diffIds = root.get("rootfs").texts("diff_ids").stream()
                    .map(Digest::parse)
                    .toList();
            return new ConfigFile(platform, config(root.get("config")), diffIds);
        } catch (JsonTree.Malformed e) {
            throw new InvalidSpec("image", "its configuration is malformed: " + e.getMessage());
        }
    }

    private static ImageConfig config(JsonTree config) {
        return new ImageConfig(
                config.text("User"),
                config.texts("Env").stream().map(ConfigFile::variable).toList(),
                config.texts("Entrypoint"),
                config.texts("Cmd"),
                config.text("WorkingDir"),
                Signal.of(config.text("StopSignal")).orElse(null),
                config.names("Volumes"),
                config.textMap("Labels"));
    }

    private static EnvVar variable(String text) {
        int equals = text.indexOf('=');
        return equals < 0 ? new EnvVar(text, "") : new EnvVar(text.substring(0, equals), text.substring(equals + 1));
    }
}
