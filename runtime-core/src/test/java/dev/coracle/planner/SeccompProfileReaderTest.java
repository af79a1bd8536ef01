package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompArg;
import dev.coracle.spec.SeccompArg.Operator;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeccompProfileReaderTest {
    private static SeccompProfile read(String json, CapabilitySet capabilities) {
        return SeccompProfileReader.read(json, capabilities, Hosts.debian12(), "profile");
    }

    private static SeccompProfile read(String json) {
        return read(json, CapabilitySet.DEFAULT);
    }

    @Test
    void aWholeProfile() {
        SeccompProfile profile = read("""
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
             "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_S390X"],
             "flags": ["SECCOMP_FILTER_FLAG_LOG"], "comment": {"what": [1, {"ever": null}]},
             "syscalls": [
               {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": null},
               {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"},
               {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [
                 {"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
               {"name": "personality", "action": "SCMP_ACT_ALLOW", "args": [
                 {"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}]}
            """);
        assertThat(profile.defaultAction()).isEqualTo(SeccompAction.ERRNO);
        assertThat(profile.defaultErrno()).isEqualTo(38);
        assertThat(profile.architectures()).containsExactly("x86_64", "x86");
        assertThat(profile.flags()).containsExactly("LOG");
        assertThat(profile.rules())
                .containsExactly(
                        new SeccompRule(List.of("read", "write"), SeccompAction.ALLOW, 1, List.of()),
                        new SeccompRule(List.of("mkdir"), SeccompAction.ERRNO, 1, List.of()),
                        new SeccompRule(
                                List.of("clone"),
                                SeccompAction.ALLOW,
                                1,
                                List.of(new SeccompArg(0, 2114060288L, 0, Operator.MASKED_EQUAL))),
                        new SeccompRule(
                                List.of("personality"),
                                SeccompAction.ALLOW,
                                1,
                                List.of(new SeccompArg(0, -1, 0, Operator.EQUAL))));
    }

    @Test
    void conditionsAreDecidedHere() {
        String json = """
            {"defaultAction": "SCMP_ACT_ERRNO", "archMap": [
               {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
               {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
             "syscalls": [
               {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}},
               {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
                "excludes": {"caps": ["CAP_BPF"]}},
               {"names": ["swapcontext"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["ppc64le"]}},
               {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
               {"names": ["mseal"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.10"}}]}
            """;
        assertThat(read(json).architectures()).containsExactly("x86_64", "x86", "x32");
        assertThat(read(json).rules()).flatExtracting(SeccompRule::names).containsExactly("clone3", "ptrace");
        assertThat(read(json, CapabilitySet.of("BPF")).rules())
                .flatExtracting(SeccompRule::names)
                .containsExactly("bpf", "ptrace");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"defaultAction\": 5}",
                "{}",
                "{\"defaultAction\": \"SCMP_ACT_SING\"}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"a\"]}]}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/run/x\"}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 5000}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": \"x\"}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [1]}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"a\"], \"action\":"
                        + " \"SCMP_ACT_LOG\", \"args\": [{\"index\": 6, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]}]}",
            })
    void whatIsWrongIsRefusedByName(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(InvalidSpec.class).hasMessageStartingWith("profile: ");
    }
}
