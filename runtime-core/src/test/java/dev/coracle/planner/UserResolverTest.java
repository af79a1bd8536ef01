package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserResolverTest {
    private static final AccountFiles FILES = files("""
        root:x:0:0:root:/root:/bin/sh
        web:x:1000:1001:Web:/srv/web:/bin/sh
        # a comment
        broken:x:abc:1::/:/bin/sh
        web:x:7:7:again:/other:/bin/sh
        bare:x:1002:1002
        77:x:1003:1003::/seven:/bin/sh
        """, """
        root:x:0:
        web:x:1001:
        data:x:2000:web,other
        logs:x:2001:other
        broken
        more:x:2002:web
        """);

    private static AccountFiles files(String passwd, String group) {
        return AccountFiles.of(passwd.getBytes(StandardCharsets.UTF_8), group.getBytes(StandardCharsets.UTF_8));
    }

    private static UserRequest request(@Nullable Long uid, @Nullable Long gid, String name) {
        return new UserRequest(uid, gid, name, List.of(), SupplementalGroupsPolicy.MERGE);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0, 0, /root",
        "web, 1000, 1001, /srv/web",
        "1000, 1000, 1001, /srv/web",
        "web:data, 1000, 2000, /srv/web",
        "1000:5, 1000, 5, /srv/web",
        "4242, 4242, 0, /",
        "4242:4343, 4242, 4343, /",
        ":data, 0, 2000, /root",
        "web:, 1000, 1001, /srv/web",
        "bare, 1002, 1002, /",
        "77, 77, 0, /",
    })
    void theImagesUserInEveryForm(String user, long uid, long gid, String home) {
        ResolvedUser resolved = UserResolver.resolve(UserRequest.NONE, user, FILES);
        assertThat(resolved.uid()).isEqualTo(uid);
        assertThat(resolved.gid()).isEqualTo(gid);
        assertThat(resolved.home()).isEqualTo(home);
    }

    @Test
    void anExplicitUidWinsOverNameAndImage() {
        assertThat(UserResolver.resolve(request(4242L, null, "web"), "root", FILES)
                        .uid())
                .isEqualTo(4242);
        assertThat(UserResolver.resolve(request(null, null, "web"), "root", FILES)
                        .uid())
                .isEqualTo(1000);
    }

    @Test
    void anExplicitGidWins() {
        assertThat(UserResolver.resolve(request(1000L, 9L, ""), "", FILES).gid())
                .isEqualTo(9);
        assertThat(UserResolver.resolve(request(null, 9L, "web:data"), "", FILES)
                        .gid())
                .isEqualTo(9);
    }

    @Test
    void groupsAreMergedSortedAndHoldThePrimary() {
        UserRequest merge = new UserRequest(1000L, null, "", List.of(3000L, 5L), SupplementalGroupsPolicy.MERGE);
        assertThat(UserResolver.resolve(merge, "", FILES).groups()).containsExactly(5L, 1001L, 2000L, 2002L, 3000L);
        UserRequest strict = new UserRequest(1000L, null, "", List.of(3000L), SupplementalGroupsPolicy.STRICT);
        assertThat(UserResolver.resolve(strict, "", FILES).groups()).containsExactly(1001L, 3000L);
    }

    @Test
    void anUnknownUidGetsNoOnesGroups() {
        AccountFiles odd = files("", "odd:x:1:,\n");
        assertThat(UserResolver.resolve(request(4242L, null, ""), "", odd).groups())
                .containsExactly(0L);
    }

    @Test
    void groupWithoutUserIsRefused() {
        assertThatThrownBy(() -> UserResolver.resolve(request(null, 5L, ""), "web", FILES))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("linux.security_context.run_as_group: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "web:nogroup", "4294967295", "99999999999999999999", "-1"})
    void whatTheFilesDoNotHaveIsRefused(String user) {
        assertThatThrownBy(() -> UserResolver.resolve(UserRequest.NONE, user, FILES))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("image.user: ");
    }

    @Test
    void negativeIdsAreRefused() {
        assertThatThrownBy(() -> UserResolver.resolve(request(-1L, null, ""), "", FILES))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("linux.security_context.run_as_user: ");
    }

    @Test
    void anImageWithoutFilesHasRoot() {
        assertThat(UserResolver.resolve(UserRequest.NONE, "", AccountFiles.NONE))
                .isEqualTo(new ResolvedUser(0, 0, List.of(0L), "/"));
    }
}
