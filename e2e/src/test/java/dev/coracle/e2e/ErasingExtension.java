package dev.coracle.e2e;

import dev.coracle.proto.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * With {@code -Dcoracle.e2e.erase=true}, a test of the tests: each that has a {@link Field} is run once for each of them, with that field
 * taken out of every message, and must fail. Those that have none are not run.
 */
final class ErasingExtension implements InvocationInterceptor {
    private static final boolean ON = Boolean.getBoolean("coracle.e2e.erase");

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        intercept(invocation, method);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        intercept(invocation, method);
    }

    private static void intercept(Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method)
            throws Throwable {
        if (!ON) {
            invocation.proceed();
            return;
        }
        invocation.skip();
        List<String> ignored = new ArrayList<>();
        for (Field field : method.getExecutable().getAnnotationsByType(Field.class)) {
            if (!field.does().startsWith("ignored:") && passesWithout(field.value(), method)) {
                ignored.add(field.value());
            }
        }
        if (!ignored.isEmpty()) {
            throw new AssertionError("passes although these are ignored: " + ignored);
        }
    }

    private static boolean passesWithout(String field, ReflectiveInvocationContext<Method> method)
            throws ReflectiveOperationException {
        ErasedField.erase(field);
        try {
            method.getExecutable().setAccessible(true);
            method.getExecutable()
                    .invoke(
                            method.getTarget().orElseThrow(),
                            method.getArguments().toArray());
            return true;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof TestAbortedException aborted) {
                throw aborted; // it shows nothing here
            }
            System.out.println("fails without " + field + ": " + e.getCause());
            return false;
        } finally {
            ErasedField.erase("");
            method.getArguments().stream().filter(Rig.class::isInstance).forEach(rig -> ((Rig) rig).removeAllPods());
        }
    }
}
