package dev.coracle.plan;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** Where an op describes itself: as text, as bytes, or to whoever checks its slots. */
public interface OpWriter {
    /** First of all: the op's number on the wire, never used again for another op, and its name. */
    OpWriter op(int number, String name);

    /** A word for the reader, {@code onto}. Not on the wire. */
    OpWriter word(String word);

    /** A word for the reader that the next operand follows at once, {@code argv=}. Not on the wire. */
    OpWriter label(String label);

    /** A slot that is used, or {@link Slot#NONE}. */
    OpWriter slot(Slot slot);

    /** The slot of a process that an earlier {@code clone3} made, in whatever place. */
    OpWriter process(Slot child);

    /** A slot that the op fills. */
    OpWriter makes(Slot slot);

    /** A string without NUL. */
    OpWriter text(String text);

    /** Bytes that are printed in full. */
    OpWriter data(Bytes data);

    /** Bytes that are printed as their length and checksum. */
    OpWriter blob(Bytes blob);

    /** An unsigned number, printed in decimal. */
    OpWriter number(long number);

    /** An unsigned number, printed in octal. */
    OpWriter mode(int mode);

    /** An unsigned number, printed in hexadecimal. */
    OpWriter mask(long mask);

    /** A device number, printed as {@code major:minor}. */
    OpWriter device(int major, int minor);

    OpWriter texts(List<String> texts);

    /** A keyword, or several in one, printed as it is. */
    OpWriter keyword(String keyword);

    default OpWriter choice(Keyword choice) {
        return keyword(choice.keyword());
    }

    /** The flags in their enum's order, {@code ro|nosuid}; none is {@code -}. */
    default OpWriter flags(Set<? extends Keyword> flags) {
        Keyword[] ordered = flags.toArray(Keyword[]::new);
        Arrays.sort(ordered, Comparator.comparingInt(Keyword::ordinal));
        StringJoiner words = new StringJoiner("|").setEmptyValue("-");
        for (Keyword flag : ordered) {
            words.add(flag.keyword());
        }
        return keyword(words.toString());
    }

    /** Unsigned 32-bit numbers. */
    default OpWriter numbers(List<Integer> numbers) {
        return texts(numbers.stream().map(Integer::toUnsignedString).toList());
    }
}
