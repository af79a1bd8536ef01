package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Docker's protocol for programs that keep credentials: {@code docker-credential-NAME get} reads a server's name and answers in JSON. */
final class CredentialProgram {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Logger LOG = LoggerFactory.getLogger(CredentialProgram.class);
    private static final int MOST_BYTES = 1 << 20;
    /** In place of a user's name: the secret is a refresh token. */
    private static final String TOKEN = "<token>";

    private static final String NOTHING_KNOWN = "credentials not found";

    private CredentialProgram() {}

    /**
     * Asks the helper, whose own messages go to standard error.
     *
     * @param server as the helper knows it
     * @param domain what the credentials are for
     * @return empty if it has none
     * @throws Unavailable if it is not there, fails or answers nonsense
     */
    static Optional<Credentials> ask(String name, String server, String domain) {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidSpec("credential helper", "\"" + name + "\" is not the name of one");
        }
        String program = "docker-credential-" + name;
        String action = "ask " + program + " for credentials of " + server;
        try {
            Process process = new ProcessBuilder(program, "get")
                    .redirectError(Redirect.INHERIT)
                    .start();
            tell(process, server);
            String answer;
            try (InputStream in = process.getInputStream()) {
                answer = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            }
            int status = process.waitFor();
            if (status != 0 && answer.startsWith(NOTHING_KNOWN)) {
                return Optional.empty();
            }
            if (status != 0) {
                throw new Unavailable(action, "it ended with " + status + ": " + answer.strip());
            }
            return Optional.of(read(answer, domain));
        } catch (IOException e) {
            throw new Unavailable(action, "it cannot be run; install it, or name another file of credentials", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable(action, "interrupted", e);
        } catch (JsonTree.Malformed e) {
            throw new Unavailable(action, "it answers nonsense"); // which may have a secret in it
        }
    }

    private static void tell(Process process, String server) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(server.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("a helper reads nothing: what it says counts", e);
        }
    }

    private static Credentials read(String answer, String domain) {
        JsonTree root = JsonTree.parse(answer.getBytes(StandardCharsets.UTF_8));
        String user = root.text("Username");
        String secret = root.text("Secret");
        return user.equals(TOKEN)
                ? new Credentials("", "", secret, "", domain)
                : new Credentials(user, secret, "", "", domain);
    }
}
