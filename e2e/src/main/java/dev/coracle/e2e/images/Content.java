package dev.coracle.e2e.images;

/** Makes the registry's content if it is not there, and prints where it is: for scripts. */
public final class Content {
    private Content() {}

    public static void main(String[] arguments) {
        System.out.println(TestImages.registryContent());
    }
}
