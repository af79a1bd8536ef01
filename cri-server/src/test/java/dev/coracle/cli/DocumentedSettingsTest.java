package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README.md, the help text and the configuration that ships say what the program does. */
final class DocumentedSettingsTest {
    private static final Path ROOT = Path.of(System.getProperty("coracle.root"));

    private static List<List<String>> groups(String text, String pattern) {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map(found -> Stream.of(found.group(1), found.group(2)).toList())
                .toList();
    }

    private static String byDefault(Setting setting) {
        return setting == Setting.SOCKET
                ? Config.of(Map.of(), Map.of()).socket().toString()
                : setting.byDefault();
    }

    @Test
    void the_readme_has_every_option_with_its_default() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        List<List<String>> expected = Setting.withOption().stream()
                .map(setting -> List.of(setting.option(), byDefault(setting)))
                .toList();
        assertThat(groups(readme, "^\\| `(--[a-z-]+) PATH` \\| `([^`]+)` \\|")).containsExactlyElementsOf(expected);
        PlanCommand.OPTIONS.keySet().forEach(option -> assertThat(readme).contains("| `" + option + "` |"));
        assertThat(readme).contains("| `" + Config.FILE_OPTION + " FILE` | `" + Config.FILE + "` |");
    }

    @Test
    void the_readme_has_every_command() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        assertThat(groups(readme, "^    bin/coracle ([a-z]+)( |$)"))
                .extracting(List::getFirst)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Commands.values())
                        .filter(command -> command != Commands.HELP)
                        .map(command -> command.name().toLowerCase(java.util.Locale.ROOT))
                        .toList());
    }

    @Test
    void the_help_text_has_every_option_with_its_default() {
        String help = Commands.helpText();
        Setting.withOption()
                .forEach(setting -> assertThat(help)
                        .containsPattern("(?m)^  " + setting.option() + " PATH +" + Pattern.quote(setting.help())));
        PlanCommand.OPTIONS.forEach(
                (option, words) -> assertThat(help).containsPattern("(?m)^  " + option + " +" + Pattern.quote(words)));
        assertThat(help.lines()).allMatch(line -> line.length() <= 120);
    }

    @Test
    void the_file_that_ships_has_every_key_with_its_default() throws IOException {
        String table = "";
        List<String> found = new java.util.ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("deploy/etc/coracle.toml"))) {
            if (line.startsWith("#[")) {
                break; // tables that stand for any number
            } else if (line.startsWith("[")) {
                table = line.substring(1, line.length() - 1) + ".";
            } else if (line.matches("#[a-z_]+ = .*")) {
                found.add(table + line.substring(1).replace("\"", ""));
            }
        }
        assertThat(found)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Setting.values())
                        .map(setting -> setting.key() + " = " + setting.byDefault())
                        .toList());
    }
}
