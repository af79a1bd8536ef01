package dev.coracle.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** Marks a class whose tests drive a daemon by a kubelet, as root: each gets the {@link KubeletRig}, one for the class. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("daemon")
@EnabledIfSystemProperty(named = "coracle.e2e", matches = "true", disabledReason = "-Dcoracle.e2e=true drives a daemon")
@ExtendWith(KubeletExtension.class)
@interface KubeletDriven {}
