package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.Dns;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.SandboxSpec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values that plugins may ask for by capability (CNI conventions, "dynamic plugin specific fields"). */
final class Capabilities {
    private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
    private static final String EGRESS = "kubernetes.io/egress-bandwidth";
    private static final Pattern QUANTITY = Pattern.compile("([0-9.]+)([kKMGTP]i?|m|)");
    private static final String UNITS = "kMGTP";

    private Capabilities() {}

    /** All of them for one pod; each plugin is given those it names. */
    static Map<String, Object> of(SandboxSpec spec) {
        Map<String, Object> values = new LinkedHashMap<>();
        List<Object> ports = portMappings(spec.portMappings());
        if (!ports.isEmpty()) {
            values.put("portMappings", ports);
        }
        Map<String, Object> bandwidth = bandwidth(spec.annotations());
        if (!bandwidth.isEmpty()) {
            values.put("bandwidth", bandwidth);
        }
        if (spec.dns() != null) {
            values.put("dns", dns(spec.dns()));
        }
        if (!spec.cgroupParent().isEmpty()) {
            values.put("cgroupPath", spec.cgroupParent());
        }
        values.put("io.kubernetes.cri.pod-annotations", new LinkedHashMap<String, Object>(spec.annotations()));
        return values;
    }

    private static List<Object> portMappings(List<PortMapping> mappings) {
        List<Object> ports = new ArrayList<>();
        for (PortMapping mapping : mappings) {
            if (mapping.hostPort() > 0) {
                Map<String, Object> port = new LinkedHashMap<>();
                port.put("hostPort", mapping.hostPort());
                port.put("containerPort", mapping.containerPort());
                port.put("protocol", mapping.protocol().name().toLowerCase(Locale.ROOT));
                port.put("hostIP", mapping.hostIp());
                ports.add(port);
            }
        }
        return ports;
    }

    private static Map<String, Object> dns(Dns dns) {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("servers", dns.servers());
        value.put("searches", dns.searches());
        value.put("options", dns.options());
        return value;
    }

    /** The bandwidth plugin wants bits a second and a burst; the other runtimes leave the burst at the largest it takes. */
    private static Map<String, Object> bandwidth(Map<String, String> annotations) {
        Map<String, Object> value = new LinkedHashMap<>();
        String ingress = annotations.get(INGRESS);
        if (ingress != null) {
            value.put("ingressRate", bitsPerSecond(INGRESS, ingress));
            value.put("ingressBurst", Integer.MAX_VALUE);
        }
        String egress = annotations.get(EGRESS);
        if (egress != null) {
            value.put("egressRate", bitsPerSecond(EGRESS, egress));
            value.put("egressBurst", Integer.MAX_VALUE);
        }
        return value;
    }

    /** A Kubernetes quantity, 1 kbit/s to 1 Pbit/s as Kubernetes allows. */
    static long bitsPerSecond(String annotation, String quantity) {
        Matcher matcher = QUANTITY.matcher(quantity);
        if (!matcher.matches()) {
            throw new InvalidSpec("annotations[" + annotation + "]", "\"" + quantity + "\" is not a quantity");
        }
        BigDecimal rate;
        try {
            rate = new BigDecimal(matcher.group(1)).multiply(factor(matcher.group(2)));
        } catch (NumberFormatException e) {
            throw new InvalidSpec("annotations[" + annotation + "]", "\"" + quantity + "\" is not a quantity");
        }
        long bits = rate.setScale(0, RoundingMode.CEILING).longValue();
        if (bits < 1_000 || bits > 1_000_000_000_000_000L) {
            throw new InvalidSpec("annotations[" + annotation + "]", "\"" + quantity + "\" is not within 1k and 1P");
        }
        return bits;
    }

    private static BigDecimal factor(String unit) {
        if (unit.isEmpty()) {
            return BigDecimal.ONE;
        }
        if (unit.equals("m")) {
            return new BigDecimal("0.001");
        }
        int power = 1 + UNITS.indexOf(unit.startsWith("K") ? 'k' : unit.charAt(0));
        return new BigDecimal(unit.endsWith("i") ? 1024 : 1000).pow(power);
    }
}
