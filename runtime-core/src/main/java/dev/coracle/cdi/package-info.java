/**
 * The Container Device Interface: what the specification files of device vendors add to containers that ask for their devices.
 */
@NullMarked
package dev.coracle.cdi;

import org.jspecify.annotations.NullMarked;
