package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

/** Pulls an image and removes it, for ever: a process that a test kills. */
final class PullLoop {
    /** The third argument: pulls once, says so, and waits for its end. */
    static final String ONCE = "once";

    /** The third argument: does so for ever. */
    static final String AGAIN = "again";

    private PullLoop() {}

    /**
     * Starts the process, and returns when it pulls.
     *
     * @param state the directory of images
     * @param errors where what goes wrong is written
     */
    static Process start(Path state, String name, String how, ProcessBuilder.Redirect errors) throws IOException {
        Process puller = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PullLoop.class.getName(),
                        state.toString(),
                        name,
                        how)
                .redirectError(errors)
                .start();
        assertThat(puller.inputReader().readLine()).isEqualTo("pulling");
        return puller;
    }

    /** Arguments are the directory of images, the image's name, and how often. */
    public static void main(String[] arguments) throws Exception {
        Images images = Images.open(Path.of(arguments[0]));
        images.startCollecting();
        Pulls pulls = new Pulls(images, PullSettings.DEFAULT);
        System.out.println("pulling");
        while (true) {
            Image image = pulls.pull(arguments[1], Credentials.NONE).await();
            if (arguments[2].equals(ONCE)) {
                System.out.println("pulled");
                Thread.sleep(Long.MAX_VALUE);
            }
            images.remove(image.id().toString());
        }
    }
}
