package dev.coracle.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
    @ParameterizedTest
    @CsvSource({
        "SIGTERM, 15, SIGTERM",
        "term, 15, SIGTERM",
        "9, 9, SIGKILL",
        "SIGRTMIN, 34, SIGRTMIN",
        "SIGRTMIN+3, 37, SIGRTMIN+3",
        "RTMAX-14, 50, SIGRTMIN+16",
        "64, 64, SIGRTMIN+30",
        "SIGSYS, 31, SIGSYS",
        "SIGPOLL, 29, SIGIO",
        "SIGSTKFLT, 16, SIGSTKFLT",
    })
    void readsWhatImagesWrite(String text, int number, String name) {
        assertThat(Signal.of(text)).contains(new Signal(number));
        assertThat(new Signal(number).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "0", "65", "SIGRTMIN+31", "RTMAX-31", "RTMIN+", "-1", "SIGFOO", "999"})
    void knowsNoOther(String text) {
        assertThat(Signal.of(text)).isEmpty();
    }

    @Test
    void numbersEndAt64() {
        assertThatThrownBy(() -> new Signal(65)).isInstanceOf(IllegalArgumentException.class);
    }
}
