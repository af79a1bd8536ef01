package dev.coracle.image;

import java.util.Optional;

/**
 * A reference to content (OCI image specification, "Descriptor").
 *
 * @param mediaType as the registry wrote it, may be empty
 * @param size bytes, not negative
 * @param platform only in an index, and not always there
 */
record Descriptor(String mediaType, Digest digest, long size, Optional<Platform> platform) {}
