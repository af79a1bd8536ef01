package dev.coracle.rules;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Size and naming rules for one Java source, by its syntax tree; each broken rule is one line of text. */
final class SourceRules extends TreeScanner<@Nullable Void, @Nullable Void> {
    static final int FILE_LINES = 400;
    static final int METHOD_LINES = 40;
    static final int PARAMETERS = 5;

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    private static final JavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);
    private static final Set<String> EMPTY_WORDS = Set.of(
            "Manager",
            "Util",
            "Utils",
            "Helper",
            "Impl",
            "Abstract",
            "Base",
            "Info",
            "Data",
            "Context",
            "Processor",
            "Wrapper");
    /** One class per RPC, of its name: ImageFsInfo. */
    private static final String NAMED_BY_CONTRACT = "dev.coracle.cri.rpc";

    private static final Set<String> EMPTY_PACKAGES = Set.of("util", "utils", "common", "impl");
    private static final Pattern WORD_START = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

    private final String file;
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> broken = new ArrayList<>();

    private SourceRules(String file, CompilationUnitTree unit, SourcePositions positions) {
        this.file = file;
        this.unit = unit;
        this.positions = positions;
    }

    static List<String> broken(String file, String text) {
        JavacTask task = task(file, text);
        var rules = new SourceRules(file, parsed(task), Trees.instance(task).getSourcePositions());
        rules.checkFile(text.lines().toList());
        rules.scan(rules.unit, null);
        return rules.broken;
    }

    static CompilationUnitTree parsed(String file, String text) {
        return parsed(task(file, text));
    }

    private static JavacTask task(String file, String text) {
        return (JavacTask) COMPILER.getTask(null, FILES, _ -> {}, null, null, List.of(source(file, text)));
    }

    private static CompilationUnitTree parsed(JavacTask task) {
        try {
            return task.parse().iterator().next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkFile(List<String> lines) {
        if (lines.size() > FILE_LINES) {
            broken.add("%s: %d lines, at most %d".formatted(file, lines.size(), FILE_LINES));
        }
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().startsWith("@SuppressWarnings")
                    && !lines.get(i).contains("//")) {
                broken.add("%s:%d: a suppression without its reason on the line".formatted(file, i + 1));
            }
        }
        if (unit.getTypeDecls().stream().filter(ClassTree.class::isInstance).count() > 1) {
            broken.add("%s: more than one top-level type".formatted(file));
        }
        for (String part : String.valueOf(unit.getPackageName()).split("\\.", -1)) {
            if (EMPTY_PACKAGES.contains(part)) {
                broken.add("%s: a package named %s".formatted(file, part));
            }
        }
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void none) {
        if (!NAMED_BY_CONTRACT.equals(String.valueOf(unit.getPackageName()))) {
            checkWords(type);
        }
        for (Tree member : type.getMembers()) {
            if (member instanceof MethodTree method) {
                checkMethod(type, method);
            }
        }
        return super.visitClass(type, null);
    }

    private void checkWords(ClassTree type) {
        String[] words = WORD_START.split(type.getSimpleName().toString(), -1);
        checkWord(type, words[0]);
        if (words.length > 1) {
            checkWord(type, words[words.length - 1]);
        }
    }

    private void checkWord(ClassTree type, String word) {
        if (EMPTY_WORDS.contains(word)) {
            broken.add("%s: %s: \"%s\" says nothing".formatted(at(type), type.getSimpleName(), word));
        }
    }

    private void checkMethod(ClassTree type, MethodTree method) {
        long lines = line(positions.getEndPosition(unit, method)) - line(positions.getStartPosition(unit, method)) + 1;
        if (lines > METHOD_LINES) {
            broken.add("%s: %s has %d lines, at most %d".formatted(at(method), method.getName(), lines, METHOD_LINES));
        }
        int parameters = method.getParameters().size();
        if (parameters > PARAMETERS && !isCanonical(type, method)) {
            broken.add("%s: %s has %d parameters, at most %d"
                    .formatted(at(method), method.getName(), parameters, PARAMETERS));
        }
    }

    /** A record's header is its list of fields, and its canonical constructor repeats the header: neither is a choice. */
    private static boolean isCanonical(ClassTree type, MethodTree method) {
        if (type.getKind() != Tree.Kind.RECORD || !method.getName().contentEquals("<init>")) {
            return false;
        }
        List<String> header = type.getMembers().stream()
                .filter(member -> member instanceof VariableTree field
                        && !field.getModifiers().getFlags().contains(Modifier.STATIC))
                .map(member -> ((VariableTree) member).getName().toString())
                .toList();
        return header.equals(method.getParameters().stream()
                .map(parameter -> parameter.getName().toString())
                .toList());
    }

    private String at(Tree tree) {
        return "%s:%d".formatted(file, line(positions.getStartPosition(unit, tree)));
    }

    private long line(long position) {
        return unit.getLineMap().getLineNumber(position);
    }

    private static JavaFileObject source(String file, String text) {
        return new SimpleJavaFileObject(
                URI.create("source:///" + file.toLowerCase(Locale.ROOT)), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }
}
