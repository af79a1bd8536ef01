package dev.coracle.rules;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one {@code @Field} on a test says: the field, what is done with it (or nothing), and the test. */
record ShownField(String field, String does, String test) {
    /** All that a source says, read from its text: tests of other modules cannot be loaded here. */
    static List<ShownField> in(String file, String text) {
        Scanner scanner = new Scanner();
        scanner.scan(SourceRules.parsed(file, text), null);
        return scanner.found;
    }

    private static final class Scanner extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final List<ShownField> found = new ArrayList<>();
        private String type = "";

        @Override
        public @Nullable Void visitClass(ClassTree tree, @Nullable Void none) {
            String outer = type;
            type = tree.getSimpleName().toString();
            super.visitClass(tree, null);
            type = outer;
            return null;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
            for (AnnotationTree annotation : method.getModifiers().getAnnotations()) {
                if (annotation.getAnnotationType().toString().equals("Field")) {
                    found.add(shown(annotation, type + "." + method.getName()));
                }
            }
            return super.visitMethod(method, null);
        }

        private static ShownField shown(AnnotationTree annotation, String test) {
            Map<String, String> values = new HashMap<>();
            for (ExpressionTree argument : annotation.getArguments()) {
                if (argument instanceof AssignmentTree assignment) {
                    values.put(assignment.getVariable().toString(), string(assignment.getExpression()));
                } else {
                    values.put("value", string(argument));
                }
            }
            return new ShownField(values.getOrDefault("value", ""), values.getOrDefault("does", ""), test);
        }

        private static String string(ExpressionTree expression) {
            return switch (expression) {
                case LiteralTree literal -> String.valueOf(literal.getValue());
                case BinaryTree sum -> string(sum.getLeftOperand()) + string(sum.getRightOperand());
                default -> throw new IllegalArgumentException("@Field takes strings as they stand, not " + expression);
            };
        }
    }
}
