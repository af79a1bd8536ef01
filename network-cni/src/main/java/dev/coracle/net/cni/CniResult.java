package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a plugin answered to ADD (CNI specification 1.1, section 5), kept whole: the next plugin and DEL want it back.
 *
 * @param object the plugin's answer as it was
 */
record CniResult(Map<String, Object> object) {
    /**
     * Reads a plugin's answer.
     *
     * @param action for the failure's message, for example {@code add pod to network cbr0: plugin bridge}
     */
    static CniResult parse(String stdout, String action) {
        try {
            return new CniResult(Json.object(stdout));
        } catch (IllegalArgumentException e) {
            throw new Unavailable(action, "answer is not a CNI result: " + e.getMessage());
        }
    }

    /** Addresses inside the pod without prefix lengths, in the plugin's order. */
    List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (Object each : Json.asList(object.get("ips"))) {
            addresses.add(withoutPrefix(Json.asString(Json.asObject(each).get("address"))));
        }
        if (addresses.isEmpty()) { // results of 0.2.0 and older
            for (String key : List.of("ip4", "ip6")) {
                String address = Json.asString(Json.asObject(object.get(key)).get("ip"));
                if (!address.isEmpty()) {
                    addresses.add(withoutPrefix(address));
                }
            }
        }
        return addresses;
    }

    /** Names of the interfaces inside the pod, the one with the first address first. */
    List<String> interfaces() {
        Set<String> names = new LinkedHashSet<>();
        List<?> all = Json.asList(object.get("interfaces"));
        for (Object ip : Json.asList(object.get("ips"))) {
            if (Json.asObject(ip).get("interface") instanceof Number index && index.intValue() < all.size()) {
                addInside(names, all.get(index.intValue()));
            }
        }
        all.forEach(each -> addInside(names, each));
        return List.copyOf(names);
    }

    /** An interface without a sandbox is the host's end. */
    private static void addInside(Set<String> names, Object each) {
        Map<String, Object> one = Json.asObject(each);
        if (!Json.asString(one.get("sandbox")).isEmpty()) {
            names.add(Json.asString(one.get("name")));
        }
    }

    private static String withoutPrefix(String address) {
        int slash = address.indexOf('/');
        return slash < 0 ? address : address.substring(0, slash);
    }
}
