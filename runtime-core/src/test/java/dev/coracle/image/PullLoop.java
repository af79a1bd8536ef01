package dev.coracle.image;

import java.nio.file.Path;

/** Pulls an image and removes it, for ever: a process that a test kills. */
final class PullLoop {
    private PullLoop() {}

    /** Arguments are the directory of images and the image's name. */
    public static void main(String[] arguments) {
        Images images = Images.open(Path.of(arguments[0]));
        images.startCollecting();
        Pulls pulls = new Pulls(images, PullSettings.DEFAULT);
        System.out.println("pulling");
        while (true) {
            Image image = pulls.pull(arguments[1], Credentials.NONE).await();
            images.remove(image.id().toString());
        }
    }
}
