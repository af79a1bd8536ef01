package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A {@link KubeletRig} for each test class; after it the node must be as it was before. */
final class KubeletExtension implements ExecutionCondition, BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(KubeletExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (!Boolean.getBoolean("coracle.e2e") || Tools.kubelet().isPresent()) {
            return ConditionEvaluationResult.enabled("a kubelet can be run");
        }
        return ConditionEvaluationResult.disabled("a kubelet needs Go 1.26 to be built");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(NAMESPACE).put("rig", KubeletRig.start());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        try (KubeletRig rig = rig(context)) {
            assertThat(rig.leftAfterEnd()).as("left behind").isEmpty();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KubeletRig.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return rig(context);
    }

    private static KubeletRig rig(ExtensionContext context) {
        return Optional.ofNullable(context.getStore(NAMESPACE).get("rig", KubeletRig.class))
                .orElseThrow();
    }
}
