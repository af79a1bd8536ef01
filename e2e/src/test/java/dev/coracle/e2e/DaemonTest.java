package dev.coracle.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** Marks a class whose tests drive a daemon, as root: each gets the {@link Rig}, and fails if it leaves anything behind. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("daemon")
@DisabledIfSystemProperty(
        named = "coracle.e2e",
        matches = "false",
        disabledReason = "-Dcoracle.e2e=false drives no daemon")
@ExtendWith({RigExtension.class, ErasingExtension.class})
public @interface DaemonTest {}
