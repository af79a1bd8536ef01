package dev.coracle.proto;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fetches the contract's own text, the Go module that a kubelet is built from, and compiles it and ours alike. */
final class UpstreamContract {
    static final String MODULE = "k8s.io/cri-api@v0.37.2";
    private static final String SUM = "h1:UMvN3s6yoG3SVbxX9Mw6yVmVmaLwVAjy0hXUpJzXogo=";

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Pattern DIRECTORY = Pattern.compile("\"Dir\": \"([^\"]+)\"");

    private UpstreamContract() {}

    static FileDescriptorProto fetch() {
        Run download = run(List.of("go", "mod", "download", "-json", MODULE), "is Go installed?");
        Matcher directory = DIRECTORY.matcher(download.output());
        if (download.exitCode() != 0 || !directory.find()) {
            throw new AssertionError("the contract to compare with cannot be fetched; this test needs Go and a module"
                    + " proxy that has " + MODULE + ": " + download.output());
        }
        if (!download.output().contains(SUM)) {
            throw new AssertionError(MODULE + " is not what it was: " + download.output());
        }
        return compile(Path.of(directory.group(1), "pkg/apis/runtime/v1/api.proto"));
    }

    static FileDescriptorProto compile(Path proto) {
        Path protoc = Path.of(System.getProperty("coracle.protoc", ""));
        try {
            Path compiled = Files.createTempFile(TARGET, "contract", ".binpb");
            makeExecutable(protoc.toFile());
            Run run = run(
                    List.of(
                            protoc.toString(),
                            "--proto_path=" + proto.getParent(),
                            "--descriptor_set_out=" + compiled,
                            proto.toString()),
                    "was it copied to target?");
            if (run.exitCode() != 0) {
                throw new AssertionError("compile " + proto + ": " + run.output());
            }
            return FileDescriptorSet.parseFrom(Files.readAllBytes(compiled)).getFile(0);
        } catch (IOException e) {
            throw new AssertionError("compile " + proto, e);
        }
    }

    private static void makeExecutable(File protoc) throws IOException {
        if (!protoc.setExecutable(true)) {
            throw new IOException("no protoc at " + protoc);
        }
    }

    private static Run run(List<String> command, String hint) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(TARGET.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("run " + command + ": no end after 5 minutes");
            }
            return new Run(process.exitValue(), output);
        } catch (IOException e) {
            throw new AssertionError("run " + command + ": " + e.getMessage() + " (" + hint + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("run " + command + ": interrupted", e);
        }
    }

    private record Run(int exitCode, String output) {}
}
