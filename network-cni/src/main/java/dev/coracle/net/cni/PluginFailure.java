package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.TimedOut;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.plan.ProgramAnswer;
import java.util.Map;

/** Says what went wrong with a plugin in its own words, which it leaves on standard output (CNI specification, section 5). */
final class PluginFailure {
    /** How much of what a plugin says ends up in an error that a user reads. */
    private static final int LIMIT = 1_000;

    private PluginFailure() {}

    static RuntimeFailure of(String action, ProgramAnswer outcome) {
        if (outcome.timedOut()) {
            return new TimedOut(action, "no answer within its deadline, killed");
        }
        return new Unavailable(action, words(outcome));
    }

    private static String words(ProgramAnswer outcome) {
        try {
            Map<String, Object> error = Json.object(outcome.stdout().utf8());
            String message = Json.asString(error.get("msg"));
            String details = Json.asString(error.get("details"));
            if (!message.isEmpty()) {
                return shortened(details.isEmpty() ? message : message + ": " + details);
            }
        } catch (IllegalArgumentException e) {
            return shortened(outsideTheContract(outcome));
        }
        return shortened(outsideTheContract(outcome));
    }

    private static String outsideTheContract(ProgramAnswer outcome) {
        String said = (outcome.stderr().utf8() + " " + outcome.stdout().utf8()).strip();
        return "exit code " + outcome.exitCode() + (said.isEmpty() ? "" : ": " + said);
    }

    private static String shortened(String text) {
        return text.length() <= LIMIT ? text : text.substring(0, LIMIT) + " ...";
    }
}
