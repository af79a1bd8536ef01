package dev.coracle.image;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An entry of NO_PROXY: {@code *}; a name, which covers what is below it as well; one with a dot before it, which covers only that; an
 * address; or a network as {@code 10.0.0.0/8}. A port narrows it.
 *
 * @param name in lower case, without port; empty for everything
 * @param port -1 for every port
 * @param network bits that count, -1 where it is no network
 */
record NoProxyEntry(String name, int port, int network) {
    private static final Pattern NETWORK = Pattern.compile("([0-9a-f.:]+)/(\\d{1,3})");
    private static final Pattern WITH_PORT = Pattern.compile("(\\[.*]|[^:]*):(\\d{1,5})");

    static NoProxyEntry parse(String text) {
        String entry = text.toLowerCase(Locale.ROOT);
        if (entry.equals("*")) {
            return new NoProxyEntry("", -1, -1);
        }
        Matcher network = NETWORK.matcher(entry);
        if (network.matches() && InetAddresses.isInetAddress(network.group(1))) {
            return new NoProxyEntry(network.group(1), -1, Integer.parseInt(network.group(2)));
        }
        Matcher withPort = WITH_PORT.matcher(entry);
        return withPort.matches()
                ? new NoProxyEntry(bare(withPort.group(1)), Integer.parseInt(withPort.group(2)), -1)
                : new NoProxyEntry(bare(entry), -1, -1);
    }

    /** This machine by its name or its own addresses. */
    static boolean isLocal(String host) {
        return host.equalsIgnoreCase("localhost")
                || address(bare(host)).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    boolean covers(String host, int at) {
        if (port >= 0 && port != at) {
            return false;
        }
        String asked = bare(host.toLowerCase(Locale.ROOT));
        if (network >= 0) {
            return address(asked).filter(this::isInNetwork).isPresent();
        }
        if (name.isEmpty() || asked.equals(name)) {
            return true;
        }
        String below = name.startsWith(".") ? name : "." + name;
        return asked.endsWith(below) && address(asked).isEmpty();
    }

    private boolean isInNetwork(InetAddress address) {
        byte[] base = InetAddresses.forString(name).getAddress();
        byte[] asked = address.getAddress();
        if (base.length != asked.length || network > base.length * Byte.SIZE) {
            return false;
        }
        for (int i = 0; i < network; i++) {
            int bit = 0x80 >> i % Byte.SIZE;
            if (((base[i / Byte.SIZE] ^ asked[i / Byte.SIZE]) & bit) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Optional<InetAddress> address(String host) {
        return InetAddresses.isInetAddress(host) ? Optional.of(InetAddresses.forString(host)) : Optional.empty();
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
