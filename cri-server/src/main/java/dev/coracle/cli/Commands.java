package dev.coracle.cli;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The words of the command line. */
enum Commands {
    SERVE("serve", "", "serves CRI until SIGTERM; pods outlive it"),
    PLAN("plan", "POD.json [CONTAINER.json]", "prints the plans that a pod and a container would get"),
    STATUS("status", "", "asks a daemon how it is"),
    CHECK("check", "[--rounds N]", "has a daemon run pods with an image of its own, and times it"),
    IMAGE("image", ImageCommand.OPERANDS, "looks after a daemon's images"),
    VERSION("version", "", "prints the version"),
    HELP("help", "", "prints this");

    static final String ROUNDS_OPTION = "--rounds";

    private final String word;
    private final String operands;
    private final String help;

    Commands(String word, String operands, String help) {
        this.word = word;
        this.operands = operands;
        this.help = help;
    }

    static Commands of(String word) {
        for (Commands command : values()) {
            if (command.word.equals(word)) {
                return command;
            }
        }
        List<String> known =
                List.of(values()).stream().map(command -> command.word).toList();
        throw new UsageError("unknown command " + word + UsageError.suggestion(word, known));
    }

    /** The options of every command that reads the configuration. */
    static Set<String> configOptions() {
        Set<String> options = new TreeSet<>();
        options.add(Config.FILE_OPTION);
        Setting.withOption().forEach(setting -> options.add(setting.option()));
        return options;
    }

    /** Those, and how many pods {@code check} runs. */
    static Set<String> checkOptions() {
        Set<String> options = configOptions();
        options.add(ROUNDS_OPTION);
        return options;
    }

    static String helpText() {
        StringBuilder text = new StringBuilder("Coracle, a container runtime for Kubernetes nodes.\n\nUsage:\n");
        for (Commands command : values()) {
            line(text, ("coracle " + command.word + " " + command.operands).strip(), command.help);
        }
        text.append("\nOptions of serve, plan, status, check and image; they win over the configuration file:\n");
        line(text, Config.FILE_OPTION + " FILE", "configuration; " + Config.FILE + " if that exists");
        for (Setting setting : Setting.withOption()) {
            String byDefault = setting.byDefault().isEmpty() ? "" : " (" + setting.byDefault() + ")";
            line(text, setting.option() + " PATH", setting.help() + byDefault);
        }
        text.append("\nOptions of plan:\n");
        PlanCommand.OPTIONS.forEach((option, help) -> line(text, option, help));
        text.append("\nOptions of image:\n");
        line(
                text,
                ImageCommand.NAME_OPTION + " NAME",
                "for the only image of an archive, in place of the names it has");
        PullCredentials.OPTIONS.forEach((option, help) -> line(text, option, help));
        return text.toString();
    }

    private static void line(StringBuilder text, String what, String help) {
        text.append("  ").append(String.format("%-38s  %s%n", what, help));
    }
}
