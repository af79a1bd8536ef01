package dev.coracle.image;

import java.nio.file.Path;

/** Pulls an image and removes it, for ever: a process that a test kills. */
final class PullLoop {
    /** The third argument: pulls once, says so, and waits for its end. */
    static final String ONCE = "once";

    /** The third argument, or none. */
    static final String AGAIN = "again";

    private PullLoop() {}

    /** Arguments are the directory of images and the image's name. */
    public static void main(String[] arguments) throws Exception {
        Images images = Images.open(Path.of(arguments[0]));
        images.startCollecting();
        Pulls pulls = new Pulls(images, PullSettings.DEFAULT);
        System.out.println("pulling");
        while (true) {
            Image image = pulls.pull(arguments[1], Credentials.NONE).await();
            if (arguments.length > 2 && arguments[2].equals(ONCE)) {
                System.out.println("pulled");
                Thread.sleep(Long.MAX_VALUE);
            }
            images.remove(image.id().toString());
        }
    }
}
