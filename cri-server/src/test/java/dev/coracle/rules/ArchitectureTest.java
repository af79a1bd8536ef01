package dev.coracle.rules;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may import whom: the table of modules and packages, as code. */
class ArchitectureTest {
    /** Raise it as code lands: it shows that the rules below have really been held against something. */
    private static final int CLASSES_AT_LEAST = 300;

    private static final Map<String, Set<String>> MAY_IMPORT = new LinkedHashMap<>();

    static {
        // runtime-core
        row("failure");
        row("spec", "failure");
        row("state", "spec failure");
        row("plan", "failure");
        row("planner", "plan spec state failure");
        row("shim", "plan state spec failure linux");
        row("store", "state spec failure");
        row("linux", "failure spec");
        row("http");
        row("image", "spec linux store failure http");
        row("stats", "spec linux failure");
        row("cdi", "spec linux failure");
        row("net", "spec state plan failure");
        row("pod", "failure spec state plan planner shim store linux image stats cdi net");
        // network-cni
        row("net.cni", "net plan spec state failure");
        // cri-server
        row("cri", "cri.rpc pod image stats spec state failure proto");
        row("cri.rpc", "cri pod image stats spec state failure proto");
        row("stream", "pod shim spec failure");
        row("cli", "failure spec state plan planner shim store linux image stats net pod net.cni cri cri.rpc stream");
    }

    /** Libraries that belong to few packages; whoever is not named here does without. */
    private static final Map<String, String> LIBRARIES = Map.ofEntries(
            Map.entry("jnr.ffi..", "linux"),
            Map.entry("com.kenai.jffi..", "linux"),
            Map.entry("jnr.unixsocket..", "shim linux"),
            Map.entry("jnr.enxio..", "shim linux"),
            Map.entry("jnr.posix..", "shim linux"),
            Map.entry("com.google.protobuf..", "cri cri.rpc"),
            Map.entry("io.grpc..", "cri cri.rpc stream cli http"),
            Map.entry("com.github.luben.zstd..", "image"),
            Map.entry("org.tomlj..", "image cli"),
            Map.entry("org.snakeyaml..", "cdi"),
            Map.entry("java.lang.foreign..", ""));

    /** Pure: values in, values out; they touch no file, socket, process, thread or lock. */
    private static final String PURE = "failure spec state plan planner";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/proto/"))
            .importPackages("dev.coracle");

    private static void row(String name, String... allowed) {
        MAY_IMPORT.put(name, words(String.join(" ", allowed)));
    }

    @Test
    void enoughClassesAreSeen() {
        assertThat(ours().toList()).hasSizeGreaterThanOrEqualTo(CLASSES_AT_LEAST);
    }

    @Test
    void everyPackageIsInTheTable() {
        Set<String> seen = ours().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages(MAY_IMPORT.keySet())).containsAll(seen);
    }

    @TestFactory
    Stream<DynamicTest> packagesImportWhatTheTableAllows() {
        return MAY_IMPORT.entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.getKey() + " may import " + row.getValue(), () -> checkRow(row.getKey(), row.getValue())));
    }

    private static void checkRow(String name, Set<String> allowed) {
        String[] open = Stream.concat(packages(allowed).stream(), Stream.of("dev.coracle." + name))
                .map(known -> known.replace(".proto", ".proto.."))
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("dev.coracle." + name)
                .should()
                .dependOnClassesThat(resideInAPackage("dev.coracle..").and(not(resideInAnyPackage(open))))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @TestFactory
    Stream<DynamicTest> librariesStayWhereTheyBelong() {
        return LIBRARIES.entrySet().stream()
                .map(library -> DynamicTest.dynamicTest(
                        library.getKey() + " only in " + library.getValue(),
                        () -> noClasses()
                                .that()
                                .resideOutsideOfPackages(
                                        packages(words(library.getValue())).toArray(String[]::new))
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage(library.getKey())
                                .allowEmptyShould(true)
                                .check(CLASSES)));
    }

    @Test
    void pureCodeTouchesNothing() {
        noClasses()
                .that()
                .resideInAnyPackage(packages(words(PURE)).toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.channels..", "java.util.concurrent..", "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        java.nio.file.Files.class,
                        java.io.File.class,
                        ProcessBuilder.class,
                        ProcessHandle.class,
                        Thread.class)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    private static Stream<JavaClass> ours() {
        return CLASSES.stream().filter(type -> !type.getSimpleName().equals("package-info"));
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.split(" ")).filter(word -> !word.isEmpty()).collect(Collectors.toSet());
    }

    private static List<String> packages(Set<String> names) {
        return names.stream().map(name -> "dev.coracle." + name).toList();
    }
}
