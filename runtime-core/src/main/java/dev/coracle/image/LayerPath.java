package dev.coracle.image;

/**
 * Where an entry lies in its layer: relative, without empty, {@code .} and {@code ..} components; the layer's own root is empty.
 * Names are any bytes, so each char stands for one byte (ISO-8859-1).
 */
record LayerPath(String text) {
    static final LayerPath ROOT = new LayerPath("");

    /** Leaves room for the state directory before it: paths of files must stay below PATH_MAX for whoever walks them. */
    private static final int MAX_LENGTH = 3800;

    /**
     * Reads a name as it stands in a tar header; one that starts at {@code /} starts at the layer's root.
     *
     * @throws LayerFault if the name has {@code ..} or a zero byte in it, or is too long to exist
     */
    static LayerPath of(String name) throws LayerFault {
        if (name.length() > MAX_LENGTH) {
            throw new LayerFault("the name " + name.substring(0, 64) + "… is " + name.length() + " bytes long");
        }
        if (name.indexOf('\0') >= 0) {
            throw new LayerFault("a name has a zero byte in it");
        }
        if (isClean(name)) {
            return new LayerPath(name);
        }
        StringBuilder clean = new StringBuilder(name.length());
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                throw new LayerFault("the name " + name + " leads out of the layer");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append(clean.isEmpty() ? "" : "/").append(part);
            }
        }
        return new LayerPath(clean.toString());
    }

    /** Almost every name is, but for a slash at its end. */
    private static boolean isClean(String name) {
        return !name.isEmpty()
                && name.charAt(0) != '/'
                && name.charAt(0) != '.'
                && !name.endsWith("/")
                && !name.contains("//")
                && !name.contains("/.");
    }

    boolean isRoot() {
        return text.isEmpty();
    }

    /** The directory it lies in; the root lies in itself. */
    LayerPath parent() {
        int slash = text.lastIndexOf('/');
        return slash < 0 ? ROOT : new LayerPath(text.substring(0, slash));
    }

    /** The last component, empty for the root. */
    String name() {
        return text.substring(text.lastIndexOf('/') + 1);
    }

    LayerPath child(String name) {
        return isRoot() ? new LayerPath(name) : new LayerPath(text + "/" + name);
    }

    /** Whether it is {@code directory} or lies somewhere below it. */
    boolean isIn(LayerPath directory) {
        return directory.isRoot() || equals(directory) || text.startsWith(directory.text + "/");
    }

    /** For messages. */
    @Override
    public String toString() {
        return "/" + text;
    }
}
