package dev.coracle.cli;

import dev.coracle.image.AuthFile;
import dev.coracle.image.Credentials;
import dev.coracle.image.Reference;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code image pull} has credentials from: {@code --creds}, {@code --authfile}, or the file that docker's and podman's login leaves. They
 * are for the image's own registry, never for a mirror of another name.
 */
final class PullCredentials {
    static final String CREDS_OPTION = "--creds";
    static final String FILE_OPTION = "--authfile";
    static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    static {
        OPTIONS.put(CREDS_OPTION + " USER[:PASSWORD]", "for a pull; a password that is left out is read or asked for");
        OPTIONS.put(FILE_OPTION + " FILE", "the same, in docker's form ($REGISTRY_AUTH_FILE, ~/.docker/config.json)");
    }

    private final Map<String, String> environment;
    private final UnaryOperator<String> password;

    /** @param password asked for with the user's name */
    PullCredentials(Map<String, String> environment, UnaryOperator<String> password) {
        this.environment = environment;
        this.password = password;
    }

    /** Of this process. */
    static PullCredentials ofThisProcess() {
        return new PullCredentials(System.getenv(), PullCredentials::readPassword);
    }

    /** @throws UsageError if both options are given, or no password comes */
    Credentials of(Arguments arguments, Reference image) {
        Optional<String> given = arguments.option(CREDS_OPTION);
        Optional<String> file = arguments.option(FILE_OPTION);
        if (given.isPresent() && file.isPresent()) {
            throw new UsageError(CREDS_OPTION + " and " + FILE_OPTION + " are two ways to say the same; give one");
        }
        return given.map(text -> parse(text, image.domain()))
                .or(() -> file.or(this::usualFile)
                        .map(name -> AuthFile.read(Path.of(name)).of(image)))
                .orElse(Credentials.NONE);
    }

    private Credentials parse(String given, String domain) {
        int colon = given.indexOf(':');
        String user = colon < 0 ? given : given.substring(0, colon);
        if (user.isEmpty()) {
            throw new UsageError(CREDS_OPTION + " begins with a user's name");
        }
        String secret = colon < 0 ? password.apply(user) : given.substring(colon + 1);
        return new Credentials(user, secret, "", "", domain);
    }

    /** One that the environment names must be there; docker's own need not. */
    private Optional<String> usualFile() {
        Optional<String> named = variable("REGISTRY_AUTH_FILE");
        return named.or(() -> variable("DOCKER_CONFIG")
                .or(() -> variable("HOME").map(home -> home + "/.docker"))
                .map(folder -> folder + "/config.json")
                .filter(file -> Files.exists(Path.of(file))));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** On a terminal it is asked for and not shown; elsewhere it is the first line. */
    private static String readPassword(String user) {
        Optional<Console> terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (terminal.isPresent()) {
            char[] typed = terminal.get().readPassword("password of %s: ", user);
            return required(typed == null ? null : new String(typed));
        }
        try {
            return required(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
        } catch (IOException e) {
            throw new UncheckedIOException("read standard input", e);
        }
    }

    private static String required(@Nullable String line) {
        if (line == null) {
            throw new UsageError(CREDS_OPTION + " has no password, and none is on standard input");
        }
        return line;
    }
}
