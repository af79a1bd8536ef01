package dev.coracle.spec;

/**
 * A limit on huge pages of one size (CRI {@code HugepageLimit}).
 *
 * @param pageSize as the kernel writes it in file names: {@code 2MB}, {@code 1GB}
 * @param limit bytes
 */
public record HugepageLimit(String pageSize, long limit) {}
