package dev.coracle.proto;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a test: it fails when this field of the contract is ignored. All of them together are the tables of {@code docs/cri.md}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Field.Several.class)
public @interface Field {
    /** Message and field, as the contract writes them: {@code Mount.readonly}. */
    String value();

    /**
     * What is done with it, for the table: words without a full stop. Where several tests show a field, one says it. It begins with
     * {@code ignored:} where the field has no meaning here, and the test shows that it does no harm.
     */
    String does() default "";

    /** Makes it repeatable. */
    @Documented
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Several {
        Field[] value();
    }
}
