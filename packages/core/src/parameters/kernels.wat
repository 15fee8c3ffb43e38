;; Loops over rows of float32 values, four values at once, for what a server does with all updates of a cohort.
;;
;; Addresses and lengths are bytes; lengths are multiples of 64 and above 0. `npm run generate -w @fedx/core` writes
;; kernels-wasm.ts from this file. The shuffles bring the last two values of four to the front: promote_low takes those.
(module
  (memory (export "memory") 1)

  ;; Sorts rows into order, column by column, along a network of exchanges. From $pair to before $end stand pairs of int32
  ;; addresses of rows, of which $length bytes from $from on are looked at: the first gets the smaller, the second the
  ;; larger values.
  (func (export "exchange") (param $pair i32) (param $end i32) (param $from i32) (param $length i32)
    (local $a i32) (local $b i32) (local $stop i32)
    (local $x0 v128) (local $y0 v128) (local $x1 v128) (local $y1 v128)
    (loop $pairs
      (local.set $a (i32.add (local.get $from) (i32.load (local.get $pair))))
      (local.set $b (i32.add (local.get $from) (i32.load offset=4 (local.get $pair))))
      (local.set $stop (i32.add (local.get $a) (local.get $length)))
      (loop $columns
        (local.set $x0 (v128.load (local.get $a)))
        (local.set $y0 (v128.load (local.get $b)))
        (local.set $x1 (v128.load offset=16 (local.get $a)))
        (local.set $y1 (v128.load offset=16 (local.get $b)))
        ;; pmin and pmax are one instruction each; in this order of operands equal values stay where they are.
        (v128.store (local.get $a) (f32x4.pmin (local.get $x0) (local.get $y0)))
        (v128.store (local.get $b) (f32x4.pmax (local.get $y0) (local.get $x0)))
        (v128.store offset=16 (local.get $a) (f32x4.pmin (local.get $x1) (local.get $y1)))
        (v128.store offset=16 (local.get $b) (f32x4.pmax (local.get $y1) (local.get $x1)))
        (local.set $x0 (v128.load offset=32 (local.get $a)))
        (local.set $y0 (v128.load offset=32 (local.get $b)))
        (local.set $x1 (v128.load offset=48 (local.get $a)))
        (local.set $y1 (v128.load offset=48 (local.get $b)))
        (v128.store offset=32 (local.get $a) (f32x4.pmin (local.get $x0) (local.get $y0)))
        (v128.store offset=32 (local.get $b) (f32x4.pmax (local.get $y0) (local.get $x0)))
        (v128.store offset=48 (local.get $a) (f32x4.pmin (local.get $x1) (local.get $y1)))
        (v128.store offset=48 (local.get $b) (f32x4.pmax (local.get $y1) (local.get $x1)))
        (local.set $a (i32.add (local.get $a) (i32.const 64)))
        (local.set $b (i32.add (local.get $b) (i32.const 64)))
        (br_if $columns (i32.lt_u (local.get $a) (local.get $stop))))
      (local.set $pair (i32.add (local.get $pair) (i32.const 8)))
      (br_if $pairs (i32.lt_u (local.get $pair) (local.get $end)))))

  ;; Quotients of float64 values by one number, rounded to four float32 values.
  (func $quotients (param $low v128) (param $high v128) (param $divisor f64) (result v128)
    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
      (f32x4.demote_f64x2_zero (f64x2.div (local.get $low) (f64x2.splat (local.get $divisor))))
      (f32x4.demote_f64x2_zero (f64x2.div (local.get $high) (f64x2.splat (local.get $divisor))))))

  ;; Writes to $out the sum of some rows over $divisor, $length bytes from $from on, added up in float64 and in the order
  ;; of the rows, whose int32 addresses stand from $row to before $end.
  (func (export "meanOfRows")
    (param $row i32) (param $end i32) (param $from i32) (param $length i32) (param $out i32) (param $divisor f64)
    (local $r i32) (local $at i32) (local $stop i32) (local $x v128) (local $y v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $stop (i32.add (local.get $from) (local.get $length)))
    (loop $columns
      (local.set $s0 (v128.const f64x2 0 0))
      (local.set $s1 (v128.const f64x2 0 0))
      (local.set $s2 (v128.const f64x2 0 0))
      (local.set $s3 (v128.const f64x2 0 0))
      (local.set $r (local.get $row))
      (loop $rows
        (local.set $at (i32.add (local.get $from) (i32.load (local.get $r))))
        (local.set $x (v128.load (local.get $at)))
        (local.set $y (v128.load offset=16 (local.get $at)))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.promote_low_f32x4 (local.get $x))))
        (local.set $s1 (f64x2.add (local.get $s1)
          (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $x) (local.get $x)))))
        (local.set $s2 (f64x2.add (local.get $s2) (f64x2.promote_low_f32x4 (local.get $y))))
        (local.set $s3 (f64x2.add (local.get $s3)
          (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $y) (local.get $y)))))
        (local.set $r (i32.add (local.get $r) (i32.const 4)))
        (br_if $rows (i32.lt_u (local.get $r) (local.get $end))))
      (v128.store (local.get $out) (call $quotients (local.get $s0) (local.get $s1) (local.get $divisor)))
      (v128.store offset=16 (local.get $out) (call $quotients (local.get $s2) (local.get $s3) (local.get $divisor)))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (local.set $from (i32.add (local.get $from) (i32.const 32)))
      (br_if $columns (i32.lt_u (local.get $from) (local.get $stop)))))

  ;; Writes to $out the sum of weight times row, in float32 and in the order of the rows: row k of $rows is $length bytes
  ;; from $from + k $stride on, its float32 weight at $weights + 4 k.
  (func (export "weightedSum")
    (param $from i32) (param $stride i32) (param $rows i32) (param $length i32) (param $weights i32) (param $out i32)
    (local $at i32) (local $w i32) (local $last i32) (local $stop i32) (local $weight v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $last (i32.add (local.get $weights) (i32.shl (local.get $rows) (i32.const 2))))
    (local.set $stop (i32.add (local.get $from) (local.get $length)))
    (loop $columns
      (local.set $s0 (v128.const f32x4 0 0 0 0))
      (local.set $s1 (v128.const f32x4 0 0 0 0))
      (local.set $s2 (v128.const f32x4 0 0 0 0))
      (local.set $s3 (v128.const f32x4 0 0 0 0))
      (local.set $at (local.get $from))
      (local.set $w (local.get $weights))
      (loop $rows
        (local.set $weight (v128.load32_splat (local.get $w)))
        (local.set $s0 (f32x4.add (local.get $s0) (f32x4.mul (local.get $weight) (v128.load (local.get $at)))))
        (local.set $s1 (f32x4.add (local.get $s1) (f32x4.mul (local.get $weight) (v128.load offset=16 (local.get $at)))))
        (local.set $s2 (f32x4.add (local.get $s2) (f32x4.mul (local.get $weight) (v128.load offset=32 (local.get $at)))))
        (local.set $s3 (f32x4.add (local.get $s3) (f32x4.mul (local.get $weight) (v128.load offset=48 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (local.get $stride)))
        (local.set $w (i32.add (local.get $w) (i32.const 4)))
        (br_if $rows (i32.lt_u (local.get $w) (local.get $last))))
      (v128.store (local.get $out) (local.get $s0))
      (v128.store offset=16 (local.get $out) (local.get $s1))
      (v128.store offset=32 (local.get $out) (local.get $s2))
      (v128.store offset=48 (local.get $out) (local.get $s3))
      (local.set $out (i32.add (local.get $out) (i32.const 64)))
      (local.set $from (i32.add (local.get $from) (i32.const 64)))
      (br_if $columns (i32.lt_u (local.get $from) (local.get $stop)))))

  ;; Writes to $out the $length bytes at $a less those at $b, in float32, and adds the squares of the differences to the four
  ;; float64 values at $sums: that of the i-th value to number i mod 4.
  (func (export "differences") (param $a i32) (param $b i32) (param $length i32) (param $out i32) (param $sums i32)
    (local $stop i32) (local $x v128) (local $z v128) (local $s0 v128) (local $s1 v128)
    (local.set $stop (i32.add (local.get $a) (local.get $length)))
    (local.set $s0 (v128.load (local.get $sums)))
    (local.set $s1 (v128.load offset=16 (local.get $sums)))
    (loop $columns
      (local.set $x (f32x4.sub (v128.load (local.get $a)) (v128.load (local.get $b))))
      (v128.store (local.get $out) (local.get $x))
      (local.set $z (f64x2.promote_low_f32x4 (local.get $x)))
      (local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $z) (local.get $z))))
      (local.set $z
        (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $x) (local.get $x))))
      (local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $z) (local.get $z))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $columns (i32.lt_u (local.get $a) (local.get $stop))))
    (v128.store (local.get $sums) (local.get $s0))
    (v128.store offset=16 (local.get $sums) (local.get $s1)))

  ;; Adds to the float64 value at $sums + 8 k the squared distance of row k, as above, from the row at $point. Differences
  ;; are rounded to float32, their squares and the sums are float64.
  (func (export "addSquaredDistances")
    (param $from i32) (param $stride i32) (param $rows i32) (param $length i32) (param $point i32) (param $sums i32)
    (local $at i32) (local $p i32) (local $stop i32) (local $x v128) (local $y v128) (local $z v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $stop (i32.add (local.get $point) (local.get $length)))
    (loop $rows
      (local.set $at (local.get $from))
      (local.set $p (local.get $point))
      (local.set $s0 (v128.const f64x2 0 0))
      (local.set $s1 (v128.const f64x2 0 0))
      (local.set $s2 (v128.const f64x2 0 0))
      (local.set $s3 (v128.const f64x2 0 0))
      (loop $columns
        (local.set $x (f32x4.sub (v128.load (local.get $at)) (v128.load (local.get $p))))
        (local.set $y (f32x4.sub (v128.load offset=16 (local.get $at)) (v128.load offset=16 (local.get $p))))
        (local.set $z (f64x2.promote_low_f32x4 (local.get $x)))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $z) (local.get $z))))
        (local.set $z
          (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $x) (local.get $x))))
        (local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $z) (local.get $z))))
        (local.set $z (f64x2.promote_low_f32x4 (local.get $y)))
        (local.set $s2 (f64x2.add (local.get $s2) (f64x2.mul (local.get $z) (local.get $z))))
        (local.set $z
          (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $y) (local.get $y))))
        (local.set $s3 (f64x2.add (local.get $s3) (f64x2.mul (local.get $z) (local.get $z))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (local.set $p (i32.add (local.get $p) (i32.const 32)))
        (br_if $columns (i32.lt_u (local.get $p) (local.get $stop))))
      (local.set $s0
        (f64x2.add (f64x2.add (local.get $s0) (local.get $s1)) (f64x2.add (local.get $s2) (local.get $s3))))
      (f64.store (local.get $sums)
        (f64.add (f64.load (local.get $sums))
          (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0)))))
      (local.set $sums (i32.add (local.get $sums) (i32.const 8)))
      (local.set $from (i32.add (local.get $from) (local.get $stride)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $rows (local.get $rows)))))
