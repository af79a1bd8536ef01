package dev.coracle.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What follows the name of a command: options, each with a value ({@code --run DIR} or {@code --run=DIR}), and operands.
 * After {@code --} everything is an operand.
 */
record Arguments(Map<String, String> options, List<String> operands) {
    /**
     * @param known the options that the command has, with their dashes
     * @throws UsageError naming the argument that is wrong
     */
    static Arguments parse(List<String> arguments, Set<String> known) {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> operands = new ArrayList<>();
        boolean onlyOperands = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (onlyOperands || !argument.startsWith("-") || argument.equals("-")) {
                operands.add(argument);
            } else if (argument.equals("--")) {
                onlyOperands = true;
            } else {
                int equals = argument.indexOf('=');
                String name = equals < 0 ? argument : argument.substring(0, equals);
                requireKnown(name, known);
                boolean separate = equals < 0;
                if (separate && i + 1 == arguments.size()) {
                    throw new UsageError("option " + name + " needs a value");
                }
                String value = separate ? arguments.get(++i) : argument.substring(equals + 1);
                if (options.put(name, value) != null) {
                    throw new UsageError("option " + name + " is given twice");
                }
            }
        }
        return new Arguments(options, operands);
    }

    private static void requireKnown(String name, Set<String> known) {
        if (!known.contains(name)) {
            throw new UsageError("unknown option " + name + UsageError.suggestion(name, known));
        }
    }

    Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }
}
