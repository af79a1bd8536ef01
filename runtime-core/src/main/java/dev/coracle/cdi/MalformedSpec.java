package dev.coracle.cdi;

/** A specification file says what it may not; the message is for the person who wrote it. */
@SuppressWarnings("serial") // never leaves this process as a Java object
final class MalformedSpec extends Exception {
    MalformedSpec(String message) {
        super(message);
    }
}
