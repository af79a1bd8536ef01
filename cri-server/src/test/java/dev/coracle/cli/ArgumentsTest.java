package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ArgumentsTest {
    private static final Set<String> KNOWN = Set.of("--run", "--state");

    @Test
    void options_take_their_value_from_the_next_argument_or_after_an_equals_sign() {
        Arguments arguments = parse("--run", "/a", "pod.json", "--state=/b=c", "--", "--x", "-");
        assertThat(arguments.option("--run")).contains("/a");
        assertThat(arguments.option("--state")).contains("/b=c");
        assertThat(arguments.operands()).containsExactly("pod.json", "--x", "-");
    }

    @Test
    void an_unknown_option_is_named_with_the_nearest_one() {
        assertThatThrownBy(() -> parse("--sate", "/a"))
                .isInstanceOf(UsageError.class)
                .hasMessage("unknown option --sate, did you mean --state?");
        assertThatThrownBy(() -> parse("--verbose=1")).hasMessage("unknown option --verbose");
    }

    @Test
    void a_missing_value_and_a_repeated_option_are_errors() {
        assertThatThrownBy(() -> parse("--run")).hasMessage("option --run needs a value");
        assertThatThrownBy(() -> parse("--run", "a", "--run", "b")).hasMessage("option --run is given twice");
    }

    private static Arguments parse(String... arguments) {
        return Arguments.parse(List.of(arguments), KNOWN);
    }
}
