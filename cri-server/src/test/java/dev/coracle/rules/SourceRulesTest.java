package dev.coracle.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The budgets and naming rules of CONTRIBUTING.md, held over every source of every module. */
class SourceRulesTest {
    private static final Path ROOT = Path.of(System.getProperty("coracle.root", ".."));
    private static final int C_LINES = 4_220;
    private static final int C_FILE_LINES = 400;

    @Test
    void javaSourcesKeepTheRules() throws IOException {
        List<Path> sources = sources(".java");
        assertThat(sources).hasSizeGreaterThan(20);
        List<String> broken = new ArrayList<>();
        for (Path source : sources) {
            broken.addAll(SourceRules.broken(ROOT.relativize(source).toString(), Files.readString(source)));
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void shimStaysSmall() throws IOException {
        long total = 0;
        for (Path source : sources(".c", ".h")) {
            if (!source.startsWith(ROOT.resolve("runtime-core"))) {
                continue; // programs that tests run in containers
            }
            long lines = Files.readString(source).lines().count();
            assertThat(lines).as("lines of %s", source).isLessThanOrEqualTo(C_FILE_LINES);
            total += lines;
        }
        assertThat(total).as("lines of C").isBetween(1L, (long) C_LINES);
    }

    @Test
    void packagesAreNullMarked() throws IOException {
        for (Path source : sources(".java")) {
            if (ROOT.relativize(source).toString().contains("src/main/java/")) {
                assertThat(source.resolveSibling("package-info.java")).content().contains("@NullMarked");
            }
        }
    }

    @Test
    void rulesAreSeenToBeBroken() {
        String parameters = "int a, int b, int c, int d, int e, int f";
        assertBroken("class A { void f() {" + "\n".repeat(40) + "} }", "f has 41 lines");
        assertBroken("class A {" + "\n".repeat(400) + "}", "401 lines");
        assertBroken("class A { void f(" + parameters + ") {} }", "f has 6 parameters");
        assertBroken("record A(int a) { A(" + parameters + ") { this(a); } }", "<init> has 6 parameters");
        assertBroken("class PodManager {}", "\"Manager\" says nothing");
        assertBroken("class A { interface AbstractPod {} }", "\"Abstract\" says nothing");
        assertBroken("class A {} class B {}", "more than one top-level type");
        assertBroken("package dev.coracle.util; class A {}", "a package named util");
        assertBroken("class A {\n@SuppressWarnings(\"all\")\nint a; }", "suppression without its reason");
    }

    @Test
    void whatIsAllowedPasses() {
        assertThat(SourceRules.broken("A.java", """
            record Database(int a, int b, int c, int d, int e, int f) {
                static final int ZERO = 0;
                @SuppressWarnings("unused") // shows a reason
                Database(int a, int b, int c, int d, int e, int f) {
                    this.a = a; this.b = b; this.c = c; this.d = d; this.e = e; this.f = f;
                }
            }
            """)).isEmpty();
    }

    private static void assertBroken(String text, String expected) {
        assertThat(SourceRules.broken("A.java", text))
                .singleElement()
                .asString()
                .contains(expected);
    }

    static List<Path> sources(String... suffixes) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path src : modules.map(module -> module.resolve("src")).toList()) {
                if (Files.isDirectory(src)) {
                    addSources(src, List.of(suffixes), found);
                }
            }
        }
        return found;
    }

    private static void addSources(Path src, List<String> suffixes, List<Path> found) throws IOException {
        try (Stream<Path> files = Files.walk(src)) {
            files.filter(file -> suffixes.stream().anyMatch(file.toString()::endsWith))
                    .forEach(found::add);
        }
    }
}
