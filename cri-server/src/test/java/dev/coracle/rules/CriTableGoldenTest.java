package dev.coracle.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * docs/cri.md is what the tests say: a row for each field of the contract, made of the {@code @Field} of tests in cri-server and e2e.
 * {@code -Dgolden.update=true} writes it.
 */
final class CriTableGoldenTest {
    private static final Path ROOT = Path.of(System.getProperty("coracle.root", ".."));
    private static final Path PAGE = ROOT.resolve("docs/cri.md");

    /** Fields that no test shows yet, one a line. It may only become shorter: a new field of the contract comes with a test. */
    private static final Path WITHOUT_ROW = ROOT.resolve("cri-server/src/test/resources/fields-without-row.txt");

    private static final String MARK = "<!-- What follows is made of the tests; CONTRIBUTING.md says how. -->\n";
    private static final String UPDATE = "run with -Dgolden.update=true to write it";

    private static final ContractFields CONTRACT = new ContractFields();
    private static final TreeMap<String, List<ShownField>> SHOWN = new TreeMap<>();

    @BeforeAll
    static void readTests() throws IOException {
        for (Path source : SourceRulesTest.sources(".java")) {
            String file = ROOT.relativize(source).toString();
            if (file.startsWith("cri-server/src/test/") || file.startsWith("e2e/src/test/")) {
                ShownField.in(file, Files.readString(source))
                        .forEach(field -> SHOWN.computeIfAbsent(field.field(), _ -> new ArrayList<>())
                                .add(field));
            }
        }
    }

    private static Set<String> contract() {
        return Stream.of(CONTRACT.requests(), CONTRACT.answers())
                .flatMap(List::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void testsNameFieldsOfTheContract() {
        assertThat(contract()).hasSizeGreaterThan(200).containsAll(SHOWN.keySet());
    }

    @Test
    void whatIsDoneWithAFieldIsSaid() {
        SHOWN.forEach((field, tests) -> {
            List<String> said = tests.stream()
                    .map(ShownField::does)
                    .filter(does -> !does.isEmpty())
                    .toList();
            assertThat(said).as("does of @Field(\"%s\")", field).isNotEmpty();
            assertThat(said).as(field).noneMatch(does -> does.contains("|") || does.endsWith("."));
        });
    }

    @Test
    void everyFieldHasARow() throws IOException {
        Set<String> missing = contract();
        missing.removeIf(
                field -> SHOWN.containsKey(field) || CONTRACT.structure(field).isPresent());
        Set<String> known = new TreeSet<>(Files.readAllLines(WITHOUT_ROW));
        if (Boolean.getBoolean("golden.update")) {
            known.retainAll(missing);
            Files.write(WITHOUT_ROW, known);
        }
        assertThat(missing).as("fields that no test shows; %s", WITHOUT_ROW).isEqualTo(known);
    }

    @Test
    void thePageIsWhatTheTestsSay() throws IOException {
        String page = Files.readString(PAGE);
        String introduction = page.substring(0, page.indexOf(MARK) + MARK.length());
        String wanted = introduction + tables("Requests", CONTRACT.requests()) + tables("Answers", CONTRACT.answers());
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(Files.readString(PAGE)).as(UPDATE).isEqualTo(wanted);
    }

    private static String tables(String title, List<String> fields) {
        StringBuilder text = new StringBuilder("\n## " + title + "\n");
        String message = "";
        for (String field : fields) {
            List<ShownField> shown = SHOWN.getOrDefault(field, List.of());
            if (shown.isEmpty() && CONTRACT.structure(field).isEmpty()) {
                continue;
            }
            int dot = field.indexOf('.');
            if (!message.equals(field.substring(0, dot))) {
                message = field.substring(0, dot);
                text.append("\n### ").append(message).append("\n\n| field | what is done with it | shown by |\n");
                text.append("| --- | --- | --- |\n");
            }
            text.append(row(field, shown));
        }
        return text.toString();
    }

    private static String row(String field, List<ShownField> shown) {
        if (shown.isEmpty()) {
            return "| `" + field.substring(field.indexOf('.') + 1) + "` | see `"
                    + CONTRACT.structure(field).orElseThrow() + "` | |\n";
        }
        String does = shown.stream()
                .map(ShownField::does)
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining("; "));
        String tests = shown.stream().map(test -> "`" + test.test() + "`").collect(Collectors.joining(", "));
        return "| `" + field.substring(field.indexOf('.') + 1) + "` | " + does + " | " + tests + " |\n";
    }
}
