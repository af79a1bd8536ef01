package dev.coracle.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/** Pushes to a registry on plain http. */
public final class RegistryClient implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;

    public RegistryClient(String address) {
        this.base = "http://" + address + "/v2/";
    }

    /** Pushes an image under a tag and returns the manifest's digest. */
    public String push(String repository, String tag, OciImage image) {
        return push(repository, tag, image.pack());
    }

    /** Pushes what an image was packed to, whose other layers are there. */
    public String push(String repository, String tag, OciImage.Packed packed) {
        pushBlobs(repository, packed);
        putManifest(repository, tag, OciImage.MANIFEST, packed.manifest());
        return packed.manifest().digest();
    }

    /** Pushes an index and the images it names. */
    public String pushIndex(String repository, String tag, Map<String, OciImage> platforms) {
        Map<String, OciImage.Packed> packed = new java.util.LinkedHashMap<>();
        platforms.forEach((platform, image) -> packed.put(platform, image.pack()));
        packed.values().forEach(p -> {
            pushBlobs(repository, p);
            putManifest(repository, p.manifest().digest(), OciImage.MANIFEST, p.manifest());
        });
        Blob index = OciImage.index(packed);
        putManifest(repository, tag, OciImage.INDEX, index);
        return index.digest();
    }

    private void pushBlobs(String repository, OciImage.Packed packed) {
        packed.blobs().forEach(b -> pushBlob(repository, b));
    }

    public void pushBlob(String repository, Blob blob) {
        pushBlob(repository, blob.digest(), BodyPublishers.ofByteArray(blob.bytes()));
    }

    public void pushLayer(String repository, LargeLayer.Written layer) throws IOException {
        pushBlob(repository, layer.digest(), BodyPublishers.ofFile(layer.file()));
    }

    private void pushBlob(String repository, String digest, BodyPublisher content) {
        URI known = URI.create(base + repository + "/blobs/" + digest);
        if (send(HttpRequest.newBuilder(known).method("HEAD", BodyPublishers.noBody()))
                        .statusCode()
                == 200) {
            return;
        }
        HttpResponse<String> begun = expect(
                202,
                HttpRequest.newBuilder(URI.create(base + repository + "/blobs/uploads/"))
                        .POST(BodyPublishers.noBody()));
        URI upload = known.resolve(begun.headers().firstValue("Location").orElseThrow());
        String joint = upload.getQuery() == null ? "?" : "&";
        var _ = expect(
                201,
                HttpRequest.newBuilder(URI.create(upload + joint + "digest=" + digest))
                        .header("Content-Type", "application/octet-stream")
                        .PUT(content));
    }

    public void putManifest(String repository, String reference, String mediaType, Blob manifest) {
        var _ = expect(
                201,
                HttpRequest.newBuilder(URI.create(base + repository + "/manifests/" + reference))
                        .header("Content-Type", mediaType)
                        .PUT(BodyPublishers.ofByteArray(manifest.bytes())));
    }

    private HttpResponse<String> expect(int status, HttpRequest.Builder request) {
        HttpResponse<String> response = send(request);
        if (response.statusCode() != status) {
            throw new IllegalStateException(response.request() + ": " + response.statusCode() + " " + response.body());
        }
        return response;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
