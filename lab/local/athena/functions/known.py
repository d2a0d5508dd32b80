"""Functions of Trino that are refused by name: they exist, this engine does not compute them.

Source: https://trino.io/docs/current/functions/list.html
"""

KNOWN = frozenset(
    """
    approx_set bar beta_cdf bing_tile bing_tile_at bing_tiles_around checksum classify color contains_sequence
    convex_hull_agg cosine_distance date_table dot_product empty_approx_set euclidean_distance
    evaluate_classifier_predictions features from_geojson_geometry from_ieee754_32 from_ieee754_64
    geometry_from_hadoop_shape geometry_union geometry_union_agg great_circle_distance hash_counts hmac_md5
    hmac_sha1 hmac_sha256 hmac_sha512 intersection_cardinality inverse_beta_cdf jaccard_index json_array json_exists
    json_object json_query json_table json_value learn_classifier learn_libsvm_classifier learn_libsvm_regressor
    learn_regressor make_set_digest merge merge_set_digest murmur3 numeric_histogram qdigest_agg quantile_at_value
    quantiles_at_values regr_intercept_agg regress render rgb soundex spatial_partitioning spatial_partitions
    spooky_hash_v2_32 spooky_hash_v2_64 st_area st_asbinary st_astext st_boundary st_buffer st_centroid st_contains
    st_convexhull st_coorddim st_crosses st_difference st_dimension st_disjoint st_distance st_endpoint st_envelope
    st_equals st_exteriorring st_geometries st_geometryfromtext st_geometryn st_geometrytype st_geomfrombinary
    st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple st_isvalid st_length st_linefromtext
    st_linestring st_multipoint st_numgeometries st_point st_pointn st_polygon st_touches st_union st_within st_x
    st_y t_cdf t_pdf tdigest_agg theta_sketch_estimate theta_sketch_union timezone_hour timezone_minute to_char
    to_date to_geojson_geometry to_ieee754_32 to_ieee754_64 to_spherical_geography to_timestamp uuid
    value_at_quantile values_at_quantiles version wilson_interval_lower wilson_interval_upper word_stem xxhash64
    """.split()  # noqa: SIM905 - a list of words reads better as one text
)
